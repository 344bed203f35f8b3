import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { addToArchive, type Layer } from "./layer";

/** How a container of an image is started, by default. */
export interface ImageConfig {
  /** The program and its first arguments. */
  entrypoint: readonly string[];
  /** Variables beside PATH. Default: none. */
  env?: Readonly<Record<string, string>>;
  /**
   * User and group as numbers, e.g. "65532:65532", so that Kubernetes can verify that it is not root. Default: root.
   */
  user?: string;
  /** Default "/". */
  workingDir?: string;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Writes a Docker archive, which `ctr images import` reads: one layer, and an image with it for each reference. The
 * layer is not compressed, because the archive stays on this machine and imports faster this way.
 * @param references full references, e.g. "docker.io/library/demo:1.0", and the image that each names
 * @param architecture by Go's name
 */
export async function writeArchive(
  file: string,
  layer: Layer,
  references: Readonly<Record<string, ImageConfig>>,
  architecture: string,
): Promise<void> {
  const layerFile = `${file}.layer`;
  const { digest, size } = await layer.write(layerFile);
  const layerName = `${digest}.tar`;
  const images = Object.entries(references).map(([reference, config]) => {
    const content = Buffer.from(JSON.stringify(imageJson(config, architecture, digest)));
    return { reference, name: `${createHash("sha256").update(content).digest("hex")}.json`, content };
  });
  const manifest = images.map(({ reference, name }) => ({ Config: name, RepoTags: [reference], Layers: [layerName] }));
  const archive = pack();
  const written = pipeline(archive, createWriteStream(file));
  const fill = async (): Promise<void> => {
    for (const { name, content } of images)
      await addToArchive(archive, { name, size: content.length, mode: 0o644 }, content);
    await addToArchive(archive, { name: layerName, size, mode: 0o644 }, createReadStream(layerFile));
    const content = Buffer.from(JSON.stringify(manifest));
    await addToArchive(archive, { name: "manifest.json", size: content.length, mode: 0o644 }, content);
    archive.finalize();
  };
  await Promise.all([written, fill()]);
  rmSync(layerFile);
}

function imageJson(config: ImageConfig, architecture: string, layerDigest: string): object {
  return {
    architecture,
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      Entrypoint: config.entrypoint,
      Env: [`PATH=${PATH}`, ...Object.entries(config.env ?? {}).map(([name, value]) => `${name}=${value}`)],
      User: config.user ?? "",
      WorkingDir: config.workingDir ?? "/",
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${layerDigest}`] },
  };
}
