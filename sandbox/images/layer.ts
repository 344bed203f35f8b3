import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { PassThrough, type Readable } from "node:stream";
import { pack, type Header, type Pack } from "tar-stream";

/** The owner and permissions of an entry in an image. */
export interface Attributes {
  /** Default 0. */
  uid?: number;
  /** Default 0. */
  gid?: number;
  /** Permission bits. Default: 0o755 for folders, 0o644 for files. */
  mode?: number;
}

type Node =
  | { type: "directory"; attributes: Required<Attributes> }
  | { type: "file"; attributes: Required<Attributes>; source: string; size: number }
  | { type: "content"; attributes: Required<Attributes>; content: Buffer }
  | { type: "symlink"; attributes: Required<Attributes>; target: string };

const EPOCH = new Date(0);

/**
 * The file system of an image, built from files, folders and links. A later entry at a path replaces an earlier one;
 * parent folders are added as needed. The archive depends on nothing else: not on times, on the owners of the sources,
 * or on the order of the calls.
 */
export class Layer {
  private readonly nodes = new Map<string, Node>();

  /** A folder, empty unless something is put into it. */
  directory(path: string, attributes: Attributes = {}): this {
    return this.put(path, { type: "directory", attributes: complete(attributes, 0o755) });
  }

  /** A file with the content of `source`, which is read when the archive is written. */
  file(path: string, source: string, attributes: Attributes = {}): this {
    return this.put(path, {
      type: "file",
      attributes: complete(attributes, 0o644),
      source,
      size: lstatSync(source).size,
    });
  }

  /** A file with this content. */
  content(path: string, content: string | Buffer, attributes: Attributes = {}): this {
    return this.put(path, { type: "content", attributes: complete(attributes, 0o644), content: Buffer.from(content) });
  }

  /** A symbolic link to `target`, which is stored as it is. */
  symlink(path: string, target: string): this {
    return this.put(path, { type: "symlink", attributes: { uid: 0, gid: 0, mode: 0o777 }, target });
  }

  /**
   * Everything below the folder `source`, with its modes and links, owned by root.
   * @param wanted whether to include a path of the image, without a leading "/"; excluding a folder excludes everything
   * below it. Default: everything.
   * @throws Error for anything that is neither file, folder nor link
   */
  tree(source: string, wanted: (path: string) => boolean = () => true, below = ""): this {
    for (const name of readdirSync(source)) {
      const path = posix.join(below, name);
      if (!wanted(path)) continue;
      const from = join(source, name);
      const stat = lstatSync(from);
      const attributes = { mode: stat.mode & 0o7777 };
      if (stat.isSymbolicLink()) this.symlink(path, readlinkSync(from));
      else if (stat.isDirectory()) this.directory(path, attributes).tree(from, wanted, path);
      else if (stat.isFile()) this.file(path, from, attributes);
      else throw new Error(`${from} is neither a file, a folder nor a symbolic link, and cannot be in an image`);
    }
    return this;
  }

  /** The paths that match, sorted. */
  paths(matching: RegExp): string[] {
    return [...this.nodes.keys()].filter((path) => matching.test(path)).sort();
  }

  /** The source on this machine of a file put with `file` or `tree`; undefined for everything else. */
  source(path: string): string | undefined {
    const node = this.nodes.get(normalize(path));
    return node?.type === "file" ? node.source : undefined;
  }

  /** Writes the layer as a tar file; returns its SHA-256 in hexadecimal, and its size in bytes. */
  async write(file: string): Promise<{ digest: string; size: number }> {
    const archive = pack();
    const digest = createHash("sha256");
    let size = 0;
    const meter = new PassThrough();
    meter.on("data", (chunk: Buffer) => {
      digest.update(chunk);
      size += chunk.length;
    });
    await Promise.all([pipeline(archive, meter, createWriteStream(file)), this.fill(archive)]);
    return { digest: digest.digest("hex"), size };
  }

  private async fill(archive: Pack): Promise<void> {
    try {
      for (const path of [...this.nodes.keys()].sort()) await addEntry(archive, path, this.nodes.get(path) as Node);
      archive.finalize();
    } catch (error) {
      archive.destroy(error as Error);
      throw error;
    }
  }

  private put(path: string, node: Node): this {
    const name = normalize(path);
    if (name !== "") this.nodes.set(posix.join(this.enter(posix.dirname(name)), posix.basename(name)), node);
    return this;
  }

  /** The folder that a path refers to, following links; it is created if it does not exist. */
  private enter(path: string, links = 0): string {
    if (path === "." || path === "") return ".";
    const folder = posix.join(this.enter(posix.dirname(path), links), posix.basename(path));
    const node = this.nodes.get(folder);
    if (!node) this.nodes.set(folder, { type: "directory", attributes: complete({}, 0o755) });
    else if (node.type === "symlink" && links < 40)
      return this.enter(normalize(posix.resolve("/", posix.dirname(folder), node.target)), links + 1);
    else if (node.type !== "directory")
      throw new Error(`/${folder} is not a folder in this image, so nothing can be in it`);
    return folder;
  }
}

/**
 * Writes one entry of a tar archive, without a time, and waits until it has been written.
 * @param body the content of a file; its size must be `header.size`
 */
export function addToArchive(
  archive: Pack,
  header: Partial<Header> & { name: string },
  body?: Readable | Buffer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const whole = { uid: 0, gid: 0, uname: "", gname: "", mtime: EPOCH, ...header };
    if (!body || Buffer.isBuffer(body)) {
      archive.entry(whole, body ?? Buffer.alloc(0), (error) => (error ? reject(error) : resolve()));
      return;
    }
    const entry = archive.entry(whole, (error) => (error ? reject(error) : resolve()));
    pipeline(body, entry).catch(reject);
  });
}

function addEntry(archive: Pack, name: string, node: Node): Promise<void> {
  const { attributes } = node;
  switch (node.type) {
    case "directory":
      return addToArchive(archive, { name: `${name}/`, type: "directory", ...attributes });
    case "symlink":
      return addToArchive(archive, { name, type: "symlink", linkname: node.target, ...attributes });
    case "content":
      return addToArchive(archive, { name, size: node.content.length, ...attributes }, node.content);
    case "file":
      return addToArchive(archive, { name, size: node.size, ...attributes }, createReadStream(node.source));
  }
}

function complete(attributes: Attributes, mode: number): Required<Attributes> {
  return { uid: attributes.uid ?? 0, gid: attributes.gid ?? 0, mode: attributes.mode ?? mode };
}

/** Without a leading or trailing "/", or ".." that would leave the root; "" for the root. */
function normalize(path: string): string {
  return posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, "");
}
