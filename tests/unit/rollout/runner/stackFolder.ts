import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Weights } from "../../../../src/rollout/weights";
import type { StackReference } from "../../../../src/rollout/runner/stackContext";

/**
 * A program that keeps a stack's tags in a file, as Pulumi's CLI does in its backend, and shows the keys of its config,
 * all of them as secrets. It can do nothing else: every `up` fails.
 */
const CLI = `#!/bin/sh
here="$(dirname "$0")"
case "$1 $2 $3" in
  "stack tag ls") if [ -e "$here/broken" ]; then cat "$here/broken" >&2; exit 1; fi; cat "$here/tags" 2>/dev/null || echo '{}';;
  "stack tag set") printf '{"%s": "%s"}' "$4" "$5" > "$here/tags";;
  "stack tag rm") rm -f "$here/tags";;
  "stack export --stack") cat "$here/state";;
  "config --show-secrets --json") cat "$here/secrets";;
  "config --json --"*) sed -n 's/^ *\\([a-z]*:[A-Za-z]*\\):.*/"\\1":{"secret":true}/p' Pulumi.dev.yaml | paste -sd, - | sed 's/.*/{&}/';;
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
   * A file of the project; the stand-in's are in `bin`: `tags`, `secrets`, `state` with what it exports, and `broken`
   * with what it says against tags.
   */
  write(name: string, text: string): void {
    mkdirSync(join(this.path, name, ".."), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  /** Sets the weights that the stack's state has, as the output of its last `up`. */
  setWeightsInState(weights: Weights): void {
    const resources = [{ type: "pulumi:pulumi:Stack", outputs: { weights } }];
    this.write("bin/state", JSON.stringify({ deployment: { resources } }));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
