import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as sandbox from "../../../sandbox";
import { writeArchive } from "../../../sandbox/images/archive";
import { Layer } from "../../../sandbox/images/layer";
import { createProgress } from "../../../sandbox/progress";
import { currentPlatform, ensureTool } from "../../../sandbox/tools";
import { SANDBOX } from "./cluster";

/** What pods call the image with fortio: a client and a server, of HTTP and TLS. */
export const FORTIO_IMAGE = "docker.io/library/canary-fortio:test";

/** Brings fortio's image into the tests' sandbox. */
export async function importFortio(): Promise<void> {
  const { path } = await ensureTool("fortio", createProgress());
  const folder = await mkdtemp(join(tmpdir(), "canary-fortio-"));
  try {
    const layer = new Layer().directory("tmp", { mode: 0o1777 }).file("fortio", path, { mode: 0o755 });
    const archive = join(folder, "image.tar");
    await writeArchive(archive, layer, { [FORTIO_IMAGE]: { entrypoint: ["/fortio"], user: "65532:65532" } }, currentPlatform().goarch);
    await sandbox.importImage(archive, { name: SANDBOX });
  } finally {
    await rm(folder, { recursive: true });
  }
}
