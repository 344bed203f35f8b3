import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "../../../src/render/steps";
import { createProgress } from "../../../sandbox/progress";
import { ensureTool } from "../../../sandbox/tools";
import type { Objection } from "../../unit/support/istioctl";
import type { Kubectl } from "./kubectl";

/** Brings Istio's custom resource definitions to a cluster that has none; what is given takes them away again. */
export async function withIstioDefinitions(kubectl: Kubectl): Promise<() => Promise<void>> {
  const there = await kubectl.run("get", "crd", "-o", "name");
  if (there.includes("virtualservices.networking.istio.io")) {
    return async () => undefined;
  }
  const file = join((await ensureTool("charts", createProgress())).path, "base", "files", "crd-all.gen.yaml");
  if (!existsSync(file)) {
    throw new Error(`${file} is not there: Istio's charts have another layout now`);
  }
  const definitions = await readFile(file, "utf8");
  await kubectl.send(definitions, "apply", "--server-side", "-f", "-");
  await kubectl.untilEstablished();
  // Helm would refuse to install over definitions that are not its own.
  return async () => void (await kubectl.send(definitions, "delete", "--wait", "-f", "-"));
}

/**
 * What a cluster's API server has against objects: everything that it checks is checked, CEL rules included, and
 * nothing is kept.
 */
export async function refusals(kubectl: Kubectl, objects: readonly Manifest[]): Promise<Objection[]> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  // Not validated by kubectl beforehand, which would end with the first mistake; the server says the same of each
  // object.
  const said = await kubectl
    .send(list, "apply", "--server-side", "--dry-run=server", "--validate=false", "-f", "-")
    .then(
      () => "",
      (error: Error & { stderr?: string }) => error.stderr ?? error.message,
    );
  const lines = said.split("\n").filter((line) => line !== "" && !line.startsWith("Warning:"));
  return lines.map((text) => {
    const [, kind = "", name = ""] = SAID_OF.map((form) => form.exec(text)).find((found) => found !== null) ?? [];
    return { object: `${kind} ${name}`.trim(), text };
  });
}

/** How kubectl says which object it is about. */
const SAID_OF = [
  /^The (\w+)[\w.]* "([^"]+)" is invalid/,
  /^Error from server \(\w+\): (\w+)[\w.]* "([^"]+)"/,
  /^(?=.*Kind=(\w+)\)).*patch object \([^/]*\/([^;]+);/,
];
