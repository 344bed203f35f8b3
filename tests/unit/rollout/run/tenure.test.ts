import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Place, placeOf } from "../../../../rollout/run/place";
import { thisProcess } from "../../../../rollout/run/process";
import { leave, seize, type Tenant } from "../../../../rollout/run/tenure";

const NOW = Date.UTC(2030, 0, 1);
const TENANT: Tenant = { run: "two", by: "ann at home", now: NOW, takeOver: true, ended: ["zero"] };

/** A program that keeps a stack's tags in a file, as Pulumi's CLI does in its backend. */
const CLI = `#!/bin/sh
file="$(dirname "$0")/tags"
case "$1 $2 $3" in
  "stack tag ls") if [ -e "$(dirname "$0")/broken" ]; then cat "$(dirname "$0")/broken" >&2; exit 1; fi; cat "$file" 2>/dev/null || echo '{}';;
  "stack tag set") printf '{"%s": "%s"}' "$4" "$5" > "$file";;
  "stack tag rm") rm -f "$file";;
  *) exit 1;;
esac
`;

describe("taking a stack for a run", () => {
  let folder: string;
  let place: Place;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "canary-tenure-"));
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/pulumi"), CLI);
    chmodSync(join(folder, "bin/pulumi"), 0o755);
    writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    place = await placeOf({ workDir: folder, stack: "dev", pulumiRoot: folder });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function tag(text: string): void {
    writeFileSync(join(folder, "bin/tags"), JSON.stringify({ "canary:run": text }));
  }

  function refuses(text: string): void {
    writeFileSync(join(folder, "bin/broken"), text);
  }

  it("tells this machine and the backend, and takes both back", async () => {
    assert.equal(await seize(place, TENANT), undefined);
    assert.equal(place.claim.holder()?.run, "two");
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "bin/tags"), "utf8")), { "canary:run": "two 2030-01-01T00:00:00.000Z ann at home" });
    await leave(place);
    assert.deepEqual([place.claim.holder(), existsSync(join(folder, "bin/tags"))], [undefined, false]);
  });

  it("is refused while another machine's run has it, and leaves nothing behind", async () => {
    tag("other 2029-12-31T00:00:00.000Z bob at work");
    await assert.rejects(seize(place, TENANT), /stack "dev" is held by the run other of bob at work since 2029-12-31T00:00:00.000Z; if that run is no more/);
    assert.equal(place.claim.holder(), undefined);
  });

  it("passes over what the backend still says of this run, of one that has ended, and of a killed process's", async () => {
    for (const run of ["two", "zero"]) {
      tag(`${run} 2029-12-31T00:00:00.000Z bob`);
      await seize(place, TENANT);
      await leave(place);
    }
    writeFileSync(join(folder, "Pulumi.dev.rollout.claim"), JSON.stringify({ run: "killed", by: "bob", since: "", ...thisProcess(), started: "1 x" }));
    tag("killed 2029-12-31T00:00:00.000Z bob");
    await seize(place, TENANT);
    assert.equal(place.claim.holder()?.run, "two");
  });

  it("goes on, and says so, where the backend keeps no tags", async () => {
    refuses("error: stack tags are not supported by this backend");
    assert.match((await seize(place, TENANT)) ?? "", /other machines are not told of the run: .*tags are not supported/);
  });

  it("is refused where the stack cannot be asked", async () => {
    refuses("error: no stack named 'dev' found");
    await assert.rejects(seize(place, TENANT), /no stack named 'dev' found/);
    assert.equal(place.claim.holder(), undefined);
  });
});
