import { createRequire } from "node:module";
import { MissingSdkPart, type SdkPart, sdkPart } from "./sdkPart";

const NAMES: SdkPart = {
  module: "tsutils",
  name: "typeScriptRequireStrings",
  kind: "function",
  purpose: "to compile a TypeScript program as Pulumi does",
};

/** What compiles a program's TypeScript. */
export interface TypeScriptModules {
  /** ts-node's exports. */
  tsNode: { register(options: object): void };
  /** The compiler, as ts-node takes it: a package's name or a path. */
  compiler: string;
}

/**
 * ts-node and the compiler that Pulumi would take: those that its SDK finds installed, or else the old ones that it
 * brings. Of an SDK that does not tell, those that are installed beside it.
 *
 * @throws MissingSdkPart if the SDK does not tell and none are installed
 */
export function typeScriptModules(load = require): TypeScriptModules {
  const besideSdk = createRequire(load.resolve("@pulumi/pulumi/package.json"));
  const { tsnodeRequire, typescriptRequire } = moduleNames(besideSdk, load);
  return { tsNode: besideSdk(tsnodeRequire) as TypeScriptModules["tsNode"], compiler: typescriptRequire };
}

/** The path of the compiler that Pulumi would take, as {@link typeScriptModules}. */
export function typeScriptCompiler(load = require): string {
  const besideSdk = createRequire(load.resolve("@pulumi/pulumi/package.json"));
  return besideSdk.resolve(moduleNames(besideSdk, load).typescriptRequire);
}

function moduleNames(
  besideSdk: NodeJS.Require,
  load: NodeJS.Require,
): { tsnodeRequire: string; typescriptRequire: string } {
  try {
    return sdkPart<() => { tsnodeRequire: string; typescriptRequire: string }>(NAMES, load)();
  } catch (error) {
    const installed = { tsnodeRequire: "ts-node", typescriptRequire: "typescript" };
    if (!(error instanceof MissingSdkPart) || !Object.values(installed).every((name) => isFound(besideSdk, name))) {
      throw error;
    }
    return installed;
  }
}

function isFound(from: NodeJS.Require, name: string): boolean {
  try {
    from.resolve(name);
    return true;
  } catch {
    return false;
  }
}
