import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { transform } from "sucrase";
import { PROJECT_ROOT } from "../stackConfig";

/**
 * The command as plain JavaScript in a folder of its own, as the package has it: what node's own threads load is no
 * TypeScript there.
 */
export class CompiledCommand {
  readonly folder = mkdtempSync(join(tmpdir(), "canary-compiled-"));

  constructor() {
    symlinkSync(join(PROJECT_ROOT, "node_modules"), join(this.folder, "node_modules"));
    for (const part of ["src", "components"]) {
      const files = readdirSync(join(PROJECT_ROOT, part), { encoding: "utf8", recursive: true });
      for (const file of files.filter((each) => each.endsWith(".ts"))) {
        this.compile(join(part, file));
      }
    }
  }

  /** The path of a module, by that of its source without the ending. */
  path(module: string): string {
    return join(this.folder, `${module}.js`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private compile(file: string): void {
    const { code } = transform(readFileSync(join(PROJECT_ROOT, file), "utf8"), {
      transforms: ["typescript", "imports"],
    });
    const path = join(this.folder, file.replace(/ts$/, "js"));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
  }
}
