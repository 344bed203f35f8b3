import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { parseDocument } from "yaml";
import type { Progress } from "../progress";
import { ensureTool } from "../tools";

/** The charts that are installed, in this order; each has a values file with its name. */
export const MESH_CHARTS = ["base", "istiod", "gateway"] as const;

/**
 * The folder of Istio's charts: base, istiod, gateway, cni and ztunnel, each in a folder of its own name. They use the
 * images "pilot" and "proxyv2" of `ensureImages`; those of the earlier Istio use "pilot-earlier" and "proxyv2-earlier".
 * @throws ToolError as `ensureTool`
 */
export async function meshCharts(progress: Progress, name: "charts" | "charts-earlier" = "charts"): Promise<string> {
  return (await ensureTool(name, progress)).path;
}

/** Values that are known only once a sandbox exists. */
export interface MeshSettings {
  /** The address at which the ingress gateway answers, on ports 80 and 443. */
  nodeAddress: string;
}

/**
 * Writes the values files base.yaml, istiod.yaml and gateway.yaml into `folder`, which is created.
 * @throws RangeError if the address is invalid
 */
export function writeMeshValues(folder: string, settings: MeshSettings): void {
  if (isIP(settings.nodeAddress) === 0)
    throw new RangeError(`The node's address must be an IP address, not "${settings.nodeAddress}".`);
  mkdirSync(folder, { recursive: true });
  for (const chart of MESH_CHARTS) copyFileSync(join(__dirname, `${chart}.yaml`), join(folder, `${chart}.yaml`));
  const gateway = parseDocument(readFileSync(join(__dirname, "gateway.yaml"), "utf8"));
  gateway.setIn(["service", "externalIPs"], gateway.createNode([settings.nodeAddress]));
  writeFileSync(join(folder, "gateway.yaml"), gateway.toString());
}
