import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import type { Manifest } from "../../preview/rendered/steps";
import { createProgress } from "../../sandbox/progress";
import { ensureTool } from "../../sandbox/tools";
import { EXAMPLES, isIstio, renderExample } from "../unit/examples/support";

const run = promisify(execFile);

describe("what the examples render, judged by Istio's own tool", function () {
  this.timeout("20m");
  let istioctl: string;
  let folder: string;

  before(async () => {
    istioctl = (await ensureTool("istioctl", createProgress())).path;
    folder = await mkdtemp(join(tmpdir(), "canary-oracles-"));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  const write = async (name: string, objects: readonly Manifest[]) => {
    const file = join(folder, `${name}.yaml`);
    await writeFile(file, objects.map((object) => stringify(object)).join("---\n"));
    return file;
  };

  for (const example of EXAMPLES) {
    it(`${example} is valid`, async () => {
      const { manifests } = await renderExample(example);
      const { stdout, stderr } = await run(istioctl, ["validate", "-f", await write(example, manifests.filter(isIstio))]);
      assert.match(`${stdout}${stderr}`, /is valid/);
      assert.doesNotMatch(`${stdout}${stderr}`, /warning/i);
    });
  }

  it("refuses what is wrong", async () => {
    const { manifests } = await renderExample("traffic-shifting");
    const wrong = structuredClone(manifests.filter(({ kind }) => kind === "VirtualService")) as any[];
    wrong[0].spec.http[0].timeout = "soon";
    const file = await write("wrong", wrong);
    await assert.rejects(run(istioctl, ["validate", "-f", file]), /soon|duration/);
  });
});
