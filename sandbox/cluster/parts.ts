import { dirname, join } from "node:path";
import { ensureImages, imageTools, type Image, type ImageName } from "../images";
import { meshCharts } from "../mesh";
import type { Progress } from "../progress";
import { ensureTools, nodeEnvironment, type ToolName } from "../tools";
import type { Parts } from "./start";

/** The images of a sandbox with mesh that the node itself does not need. */
export const MESH_IMAGES: readonly ImageName[] = ["pilot", "proxyv2", "demo"];

/** The parts of a sandbox with mesh besides the cluster. */
export interface MeshParts {
  readonly images: readonly Image[];
  /** The folder of Istio's charts. */
  readonly charts: string;
}

/** The parts of a cluster, and of the mesh if it is wanted; those that are not in the cache are built first. */
export async function ensureParts(mesh: boolean, progress: Progress): Promise<{ parts: Parts; mesh?: MeshParts }> {
  // All at once and in this order: the modules of one are fetched while another is compiled.
  const node: ToolName[] = ["kube", "node-programs", ...imageTools(["pause", "coredns"])];
  const [kube, programs] = await ensureTools(mesh ? [...node, ...imageTools(MESH_IMAGES), "charts"] : node, progress);
  const [pause, coredns] = await ensureImages(["pause", "coredns"], progress);
  const parts: Parts = {
    kube: kube.path,
    kubernetes: `v${kube.version}`,
    kubectlFolder: dirname(kube.path),
    containerd: join(programs.path, "containerd"),
    ctr: join(programs.path, "ctr"),
    cniFolder: join(programs.dir, "cni"),
    environment: nodeEnvironment(programs.dir),
    pause,
    coredns,
  };
  return mesh ? { parts, mesh: await ensureMeshParts(progress) } : { parts };
}

/** The parts of the mesh that a running sandbox lacks. */
export async function ensureMeshParts(progress: Progress): Promise<MeshParts> {
  return { images: await ensureImages(MESH_IMAGES, progress), charts: await meshCharts(progress) };
}
