import { existsSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { delimiter, join, relative, sep } from "node:path";
import type { Progress } from "../progress";
import { findProgram } from "./command";
import { debianRelease, extractedLibraries, extractPackages, hasDebianPackages, withDependencies } from "./debian";
import { ToolError } from "./errors";
import type { Platform } from "./platform";

// The program `ip`, which small Debian systems lack. It is made only if it is not on PATH.

const PACKAGE = "iproute2";

/** How the tool is made, and what its folder depends on. */
export interface IprouteSource {
  version: string;
  inputs: string[];
  make(folder: string, progress: Progress): Promise<void>;
}

/**
 * `ip` out of Debian's package, with the libraries that it needs, in `root` of the tool's folder.
 * @throws ToolError if there are no Debian packages
 */
export function iprouteSource(platform: Platform): IprouteSource {
  if (!hasDebianPackages()) {
    throw new ToolError(
      `There is no \`ip\` on PATH, and this system has no apt-get and dpkg-deb to fetch it with. Install it (the package is mostly called ${PACKAGE}).`,
    );
  }
  const system = debianRelease();
  return {
    version: system,
    inputs: [system, platform.goarch, PACKAGE],
    async make(folder, progress) {
      const root = join(folder, "root");
      await extractPackages(await withDependencies([PACKAGE], progress), root, progress);
      const program = ["usr/bin/ip", "bin/ip", "usr/sbin/ip", "sbin/ip"]
        .map((path) => join(root, path))
        .find((path) => isWithin(path, root));
      if (!program) throw new ToolError(`This system's package ${PACKAGE} (${system}) does not hold the program ip.`);
      mkdirSync(join(folder, "bin"));
      symlinkSync(relative(join(folder, "bin"), program), join(folder, "bin", "ip"));
    },
  };
}

/**
 * An environment in which `ip` is found: the given one, extended by the tool if it lacks the program.
 * @param folder the folder of the tool "iproute"
 * @param env default: this process's
 */
export function iprouteEnvironment(
  folder: string,
  platform: Platform,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  if (findProgram("ip", env.PATH)) return env;
  const path = [join(folder, "bin"), env.PATH ?? ""].filter(Boolean).join(delimiter);
  return { ...env, PATH: path, LD_LIBRARY_PATH: extractedLibraries(join(folder, "root"), platform) };
}

/** Whether there is a file that is not a link to the system's own. */
function isWithin(path: string, root: string): boolean {
  return existsSync(path) && realpathSync(path).startsWith(realpathSync(root) + sep);
}
