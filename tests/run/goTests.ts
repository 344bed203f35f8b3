import { join } from "node:path";
import { PROJECT_ROOT } from "../../demo/programStack";
import { runChild } from "./child";
import type { Counts } from "./counts";
import type { Write } from "./output";

/** The end of a test, or a line of its output, as `go test -json` reports it. */
interface GoEvent {
  Action: string;
  Test?: string;
  Output?: string;
}

/** Runs the tests of some packages of a Go module; without a go command they count as one skipped test. */
export async function goTests(module: string, packages: string, write: Write): Promise<Counts> {
  let output = "";
  const options = { cwd: join(PROJECT_ROOT, module), env: { ...process.env, GOWORK: "off" } };
  const { error, status } = await runChild("go", ["test", "-json", packages], (text) => (output += text), options);
  if (error !== undefined) {
    write(`!!! SKIPPED: ${module}, because there is no go command (${error.message})\n`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const lines = output.split("\n");
  const events = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as GoEvent);
  const ended = (action: string) => events.filter(({ Action, Test }) => Action === action && Test !== undefined).length;
  if (status !== 0) {
    write(events.map(({ Output = "" }) => Output).join(""));
    write(`${lines.filter((line) => !line.startsWith("{")).join("\n")}\n`);
  }
  const failed = ended("fail");
  return { passed: ended("pass"), failed: failed === 0 && status !== 0 ? 1 : failed, skipped: ended("skip") };
}
