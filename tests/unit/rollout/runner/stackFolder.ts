import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackReference } from "../../../../src/rollout/runner/options";

/**
 * A program that keeps a stack's tags in a file, as Pulumi's CLI does in its backend, and shows its config. It can do
 * nothing else: every `up` fails.
 */
const CLI = `#!/bin/sh
here="$(dirname "$0")"
case "$1 $2 $3" in
  "stack tag ls") if [ -e "$here/broken" ]; then cat "$here/broken" >&2; exit 1; fi; cat "$here/tags" 2>/dev/null || echo '{}';;
  "stack tag set") printf '{"%s": "%s"}' "$4" "$5" > "$here/tags";;
  "stack tag rm") rm -f "$here/tags";;
  "config --show-secrets --json") cat "$here/secrets";;
  *) exit 1;;
esac
`;

/** A project's folder with a stack `dev` of an app `shop`, and a stand-in for Pulumi's CLI. */
export class StackFolder {
  readonly path = mkdtempSync(join(tmpdir(), "canary-stack-"));
  readonly reference: StackReference = { workDir: this.path, stack: "dev", pulumiRoot: this.path };

  constructor(config = "") {
    this.write("bin/pulumi", CLI);
    chmodSync(join(this.path, "bin/pulumi"), 0o755);
    this.write("Pulumi.yaml", "name: shop\nruntime: nodejs\n");
    this.write("Pulumi.dev.yaml", config);
  }

  /**
   * A file of the project; the stand-in's are in `bin`: `tags`, `secrets`, and `broken` with what it says against tags.
   */
  write(name: string, text: string): void {
    mkdirSync(join(this.path, name, ".."), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
