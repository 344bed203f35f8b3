import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Load } from "../../../../src/internal/pulumiSdk/sdkPart";

/** `require` that finds an SDK of this version with these modules under `@pulumi/pulumi/`, and no others. */
export function sdkWith(modules: Record<string, object>, version = "3.999.0"): Load {
  return (name) => {
    const found = { ...modules, "package.json": { version } }[name.replace("@pulumi/pulumi/", "")];
    if (found === undefined) {
      throw Object.assign(new Error(`Cannot find module '${name}'\nRequire stack:\n- a test`), {
        code: "MODULE_NOT_FOUND",
      });
    }
    return found;
  };
}

/** A new folder whose `node_modules` has an SDK of these files, by their paths in it. */
export function folderWithSdk(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "canary-sdk-"));
  for (const [path, text] of Object.entries({ "package.json": '{ "version": "3.999.0" }', ...files })) {
    const file = join(folder, "node_modules/@pulumi/pulumi", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}
