import { UnsupportedPlatformError } from "./errors";

/** The differences between the processors that the sandbox supports. */
export interface Platform {
  /** Go's and the images' name of the processor. */
  readonly goarch: "amd64" | "arm64";
  /** Debian's name of the folder with shared libraries. */
  readonly libraryFolder: string;
}

/**
 * The platform that the tools are built for: the one this runs on. Linux on x86-64 is tested; arm64 has everything it
 * needs in the same registries but has not been tried.
 * @throws UnsupportedPlatformError on another system or processor
 */
export function currentPlatform(system: string = process.platform, processor: string = process.arch): Platform {
  if (system !== "linux") {
    throw new UnsupportedPlatformError(
      `The sandbox's programs run on Linux only; this is ${system}. Use a cluster of your own instead ` +
        `(any kubeconfig context works), or run this inside a Linux virtual machine.`,
    );
  }
  if (processor === "x64") return { goarch: "amd64", libraryFolder: "x86_64-linux-gnu" };
  if (processor === "arm64") return { goarch: "arm64", libraryFolder: "aarch64-linux-gnu" };
  throw new UnsupportedPlatformError(
    `The sandbox's programs are there for x86-64 and arm64; this processor is ${processor}. ` +
      `Use a cluster of your own instead (any kubeconfig context works).`,
  );
}
