import { createHash } from "node:crypto";
import { type Socket, connect, createServer } from "node:net";

/** What a lock needs to know of its holder. */
export interface Taking {
  /** The purpose, shown to those who wait: "up". */
  what: string;
  /** Called once before waiting, with the holder's purpose and process. */
  onWait: (holder: string) => void;
  /** Ends the wait. */
  signal?: AbortSignal;
}

/**
 * Acquires the lock of this name, waiting for its holder. Returns the function that releases it; undefined if the
 * signal ended the wait. The lock is a Unix socket in the kernel's abstract namespace: acquiring it is atomic, it
 * leaves no file, and it is free at once when its holder dies, however that happens. Processes in another network
 * namespace do not see it.
 */
export async function takeLock(name: string, { what, onWait, signal }: Taking): Promise<(() => void) | undefined> {
  const address = addressOf(name);
  let told = false;
  while (!signal?.aborted) {
    const release = await bind(address, `${what} (process ${process.pid})`);
    if (release) return release;
    await waitForRelease(address, signal, (holder) => {
      if (!told) onWait(holder);
      told = true;
    });
  }
  return undefined;
}

/** The socket's address, limited by the kernel to 107 bytes; a hash distinguishes long names. */
function addressOf(name: string): string {
  return `\0canary-sandbox/${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
}

function bind(address: string, introduction: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<Socket>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => waiting.delete(socket));
      // Kept open: those who wait see it close, which is when the lock is free again.
      socket.write(introduction);
      socket.unref();
    });
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => {
      server.unref();
      resolve(() => {
        server.close();
        for (const socket of waiting) socket.destroy();
      });
    });
  });
}

function waitForRelease(
  address: string,
  signal: AbortSignal | undefined,
  onHolder: (holder: string) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const stop = (): void => void socket.destroy();
    signal?.addEventListener("abort", stop, { once: true });
    socket.on("data", (data) => onHolder(data.toString()));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      signal?.removeEventListener("abort", stop);
      // The holder's socket closes a moment before its name is free.
      setTimeout(resolve, 10);
    });
  });
}
