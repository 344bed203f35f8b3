import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../../demo/programStack";

/** The variable that says that this project is compiled already: by the run that starts several processes of tests. */
export const COMPILED = "CANARY_COMPILED";

let compiling: Promise<void> | undefined;

/**
 * Has this project compiled as it is when it is packed, into bin: what tests start as processes of their own is what
 * users start, and starts sooner than what has to be compiled each time.
 */
export function compiled(): Promise<void> {
  compiling ??= process.env[COMPILED] === undefined ? compile() : Promise.resolve();
  return compiling;
}

async function compile(): Promise<void> {
  await promisify(execFile)("npm", ["run", "--silent", "build"], { cwd: PROJECT_ROOT }).catch(({ stdout, stderr }) => {
    throw new Error(`this project cannot be compiled:\n${stdout}${stderr}`);
  });
}
