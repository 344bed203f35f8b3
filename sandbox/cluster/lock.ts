import { connect, createServer } from "node:net";
import type { Progress } from "../progress";
import { AbortedError } from "./errors";

/**
 * Takes the lock of this name, and waits for whoever holds it; who that is, is said. Returns the function that
 * lets it go.
 *
 * The lock is a Unix socket in the kernel's abstract name space: taking it is atomic, it leaves no file, and it
 * is free at once when its holder dies, however that happens.
 * @param what what this process holds the lock for, told to those who wait: "up"
 * @param signal ends the waiting
 * @throws AbortedError
 */
export async function takeLock(
  name: string,
  what: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<() => void> {
  const address = `\0canary-sandbox/${name}`;
  let told = false;
  for (;;) {
    if (signal?.aborted) throw new AbortedError(`Waiting for another command on "${name}": interrupted.`);
    const release = await bind(address, `${what} (process ${process.pid})`);
    if (release) return release;
    await waitForRelease(address, signal, (holder) => {
      if (!told) progress.line(`Waiting for another command on "${name}" to end: ${holder}.`);
      told = true;
    });
  }
}

function bind(address: string, introduction: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<import("node:net").Socket>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => waiting.delete(socket));
      // Left open: those who wait see it close, which is when the lock is free again.
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
      // The holder's socket goes a moment before its name does.
      setTimeout(resolve, 10);
    });
  });
}
