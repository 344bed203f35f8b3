import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { findProgram, runCommand } from "./command";
import { ToolError } from "./errors";
import { type GoProgram, requirementsOf } from "./goProgram";

/** The oldest Go that can download a newer one by itself. */
const OLDEST_GO = "1.21";

/**
 * Finds Go and checks that it can build the module.
 * @returns the go command's own version, e.g. "1.26.8"
 * @throws ToolError if it is missing or too old
 */
export async function requireGo(
  program: Pick<GoProgram, "name" | "module" | "requirements">,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const wanted =
    /^go (\d+\.\d+)/m.exec(readFileSync(join(program.module, requirementsOf(program)), "utf8"))?.[1] ?? OLDEST_GO;
  const advice =
    `Install Go ${wanted} or newer (from your system's packages, or from Go's download page) and put it on PATH; ` +
    `or use a cluster of your own instead of the sandbox (any kubeconfig context works).`;
  if (!findProgram("go", env.PATH)) {
    throw new ToolError(`${program.name} is built from source with Go, and there is no \`go\` on PATH. ${advice}`);
  }
  const answer = await runCommand("asking Go for its version", ["go", "version"], {
    env: { ...env, GOTOOLCHAIN: "local", GOFLAGS: "" },
  });
  const version = /\bgo(\d+\.\d+(?:\.\d+)?)/.exec(answer)?.[1];
  // A development build has no number; it is newer than any release.
  if (version === undefined && answer.includes("devel")) return wanted;
  if (version === undefined || older(version, OLDEST_GO)) {
    throw new ToolError(
      `${program.name} is built with Go ${wanted}; the \`go\` on PATH is ${version ?? `"${answer}"`}, ` +
        `which is too old to fetch a newer one by itself (that takes ${OLDEST_GO}). ${advice}`,
    );
  }
  return version;
}

/** Where Linux systems keep the certificates that Go trusts: Debian and Alpine, Fedora, openSUSE. */
const CERTIFICATES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
  "/etc/ssl/certs",
];

/**
 * Checks that Go can fetch modules over TLS. Unlike Node.js it brings no certificates of its own.
 * @param places files, or folders that are not empty. Default: where Linux systems keep them
 * @throws ToolError if there are no certificates, and modules come from the network
 */
export function requireCertificates(
  env: NodeJS.ProcessEnv = process.env,
  places: readonly string[] = CERTIFICATES,
): void {
  if (env.SSL_CERT_FILE || env.SSL_CERT_DIR || /^(off|file:)/.test(env.GOPROXY ?? "")) return;
  if (places.some((place) => existsSync(place) && (!statSync(place).isDirectory() || readdirSync(place).length > 0)))
    return;
  throw new ToolError(
    "Go fetches modules over TLS, and this system has no certificates to check the servers by. Install them (the package is mostly called ca-certificates), or set SSL_CERT_FILE.",
  );
}

function older(version: string, than: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  const [thanMajor, thanMinor] = than.split(".").map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}
