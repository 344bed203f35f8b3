import { importToolImage } from "./toolImage";

/** What pods call the image with fortio: a client and a server, of HTTP and TLS. */
export const FORTIO_IMAGE = "docker.io/library/canary-fortio:test";

/** Brings fortio's image into the tests' sandbox. */
export function importFortio(): Promise<void> {
  return importToolImage("fortio", FORTIO_IMAGE);
}
