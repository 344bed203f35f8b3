import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as sandbox from "../../../sandbox";
import { writeArchive } from "../../../sandbox/images/archive";
import { Layer } from "../../../sandbox/images/layer";
import { createProgress } from "../../../sandbox/progress";
import { type ToolName, currentPlatform, ensureTool } from "../../../sandbox/tools";
import { SANDBOX } from "./cluster";

/**
 * Brings an image with one of the sandbox's tools, which it runs, into the tests' sandbox. The tool is built if it has
 * not been.
 */
export async function importToolImage(tool: ToolName, image: string): Promise<void> {
  const { path } = await ensureTool(tool, createProgress());
  const folder = await mkdtemp(join(tmpdir(), "canary-image-"));
  try {
    const layer = new Layer().directory("tmp", { mode: 0o1777 }).file(tool, path, { mode: 0o755 });
    const archive = join(folder, "image.tar");
    await writeArchive(
      archive,
      layer,
      { [image]: { entrypoint: [`/${tool}`], user: "65532:65532" } },
      currentPlatform().goarch,
    );
    await sandbox.importImage(archive, { name: SANDBOX });
  } finally {
    await rm(folder, { recursive: true });
  }
}
