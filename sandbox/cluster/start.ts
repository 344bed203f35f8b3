import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Image } from "../images";
import type { Progress } from "../progress";
import {
  DNS_ADDRESS,
  checkName,
  chooseSubnet,
  destinationsOf,
  namesOf,
  routeInTheWay,
  subnetOf,
  type Subnet,
} from "./addresses";
import { ApiServer } from "./api";
import { makeCgroups } from "./cgroups";
import { writeConfiguration } from "./configuration";
import { makeCredentials, writeKubeconfig } from "./credentials";
import { dnsAnswers } from "./dnsProbe";
import { AbortedError, SandboxError } from "./errors";
import { writeWhole } from "./files";
import { importArchive } from "./importing";
import { changesOfOthers, Journal } from "./journal";
import { oneAtATime } from "./commandLock";
import { joinNetwork, routes } from "./network";
import { startNode } from "./node";
import { pathsOf, sandboxNames, type Paths } from "./paths";
import { makePlan } from "./plan";
import { bootId, type ProcessIdentity } from "./processes";
import { leftovers, MACHINE_LOCK } from "./putBack";
import { makeSettings } from "./settings";
import { readState, writeState, type State } from "./state";
import { until, type Waiting } from "./waiting";

/** The programs and images that a node is made of. */
export interface Parts {
  /** The binary that holds Kubernetes' programs and etcd, and its version, e.g. "v1.34.4". */
  readonly kube: string;
  readonly kubernetes: string;
  /** The folder with kubectl. */
  readonly kubectlFolder: string;
  readonly containerd: string;
  readonly ctr: string;
  readonly cniFolder: string;
  /** The environment in which the node's programs find each other. */
  readonly environment: Readonly<Record<string, string>>;
  readonly pause: Image;
  readonly coredns: Image;
}

/** The processes to start, and what watches them. */
export interface Start {
  readonly name: string;
  readonly paths: Paths;
  readonly parts: Parts;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** The four parts of an `up`, for progress. */
const PHASES = 4;

/**
 * Starts a sandbox's cluster, or restarts it with the data it had, and waits until the node is ready and the DNS
 * answers. Whatever goes wrong, the journal tells what has to be restored.
 * @returns the state, still in the phase "starting": the caller has more to do before it is "up"
 */
export async function startCluster(start: Start): Promise<State> {
  const { paths, parts, progress, signal } = start;
  const began = Date.now();
  const step = progress.step(`starting the cluster "${start.name}"`);
  try {
    const { state: claimed, subnet, entrances, journal } = await claim(start);
    step.update(0, PHASES, "the node's programs");
    const node = await startPrograms(start, subnet, entrances);
    let state = writeState(paths, { ...claimed, node, startedAt: new Date(began).toISOString() });
    await Promise.all([
      joinNetwork(node.pid, namesOf(start.name), subnet, journal),
      makeCredentials(start.name, parts.kube, parts.kubernetes, subnet, paths, signal).then(() =>
        writeKubeconfig(start.name, paths),
      ),
    ]);
    writeFileSync(paths.prepared, "");
    const waiting: Waiting = { paths, node, signal };
    const images = importImages(start.name, state, [parts.pause, parts.coredns], waiting);
    images.catch(() => undefined); // awaited below; meanwhile a failure must not end the process
    step.update(1, PHASES, "the API server");
    const api = new ApiServer(paths.kubeconfig);
    try {
      await until("the API server", waiting, () => api.isReady());
      const apiAfter = Date.now() - began;
      await applyManifests(api, parts.coredns);
      step.update(2, PHASES, "the node");
      await until("the node to be ready", waiting, () => nodeIsReady(api, start.name, began));
      const readyAfter = Date.now() - began;
      state = writeState(paths, { ...state, images: await images });
      step.update(3, PHASES, "the cluster's DNS");
      await until("the cluster's DNS", waiting, () => dnsIsReady(api, began));
      await dnsAnswers(start.name, node.pid, signal);
      step.done(
        `API server after ${seconds(apiAfter)}, node ready after ${seconds(readyAfter)}, DNS after ${seconds(Date.now() - began)}`,
      );
      return state;
    } finally {
      api.close();
    }
  } catch (error) {
    step.failed();
    throw error;
  }
}

/** What a sandbox has been given on the machine. */
interface Claim {
  readonly state: State;
  readonly subnet: Subnet;
  readonly entrances: readonly string[];
  readonly journal: Journal;
}

/** Chooses the subnet and creates what several sandboxes share, one sandbox at a time. */
async function claim(start: Start): Promise<Claim> {
  const { paths, parts } = start;
  const name = checkName(start.name);
  const release = await oneAtATime(MACHINE_LOCK, `starting ${name}`, start.progress, start.signal);
  try {
    const before = readState(paths);
    if (leftovers(name).length > 0) {
      throw new SandboxError(
        `There is a sandbox "${name}" on this machine that ${paths.folder} knows nothing of; was it started with another XDG_STATE_HOME? ` +
          `Take it down with \`down --name ${name}\`, or choose another name.`,
      );
    }
    const subnet = await freeSubnet(name, before?.subnet);
    const state = writeState(paths, {
      form: 1,
      subnet: subnet.number,
      phase: "starting",
      boot: bootId(),
      kubernetes: parts.kubernetes,
      kubectlFolder: parts.kubectlFolder,
      ctr: parts.ctr,
      environment: parts.environment,
      images: before?.images ?? [],
      ...(before?.charts === undefined ? {} : { charts: before.charts }),
    });
    const journal = Journal.open(paths.journal);
    const entrances = makeCgroups(namesOf(name).cgroup, journal);
    await makeSettings(journal, changesOfOthers(name));
    return { state, subnet, entrances, journal };
  } finally {
    release();
  }
}

async function freeSubnet(name: string, stored: number | undefined): Promise<Subnet> {
  const taken = destinationsOf(await routes(), namesOf(name).hostDevice);
  if (stored === undefined) {
    const others = sandboxNames(name).flatMap((other) => readState(pathsOf(other))?.subnet ?? []);
    return chooseSubnet(name, taken, others);
  }
  const subnet = subnetOf(stored);
  const route = routeInTheWay(subnet, taken);
  if (route) {
    throw new SandboxError(
      `The sandbox "${name}" has the subnet ${subnet.cidr}, which this machine now has a route for (${route}). ` +
        `Its certificates hold the address: take it down with its data (\`down --name ${name}\`), and bring it up again.`,
    );
  }
  return subnet;
}

async function startPrograms(start: Start, subnet: Subnet, entrances: readonly string[]): Promise<ProcessIdentity> {
  const { name, paths, parts } = start;
  if (start.signal?.aborted) throw new AbortedError("Starting the node: interrupted.");
  for (const stale of [paths.prepared, paths.containerdSocket, `${paths.containerdSocket}.ttrpc`, paths.programs])
    rmSync(stale, { force: true });
  for (const folder of [paths.logs, paths.temporary, paths.kubelet, paths.containerd])
    mkdirSync(folder, { recursive: true });
  writeConfiguration({ name, paths, cniFolder: parts.cniFolder, pauseImage: parts.pause.references[0] });
  const plan = makePlan({
    name,
    subnet,
    paths,
    kube: parts.kube,
    containerd: parts.containerd,
    environment: parts.environment,
  });
  writeWhole(paths.plan, `${JSON.stringify(plan, undefined, 2)}\n`);
  return startNode(parts.kube, paths.plan, entrances, join(paths.logs, "node.log"));
}

/** Imports the images that the node does not have yet; returns the archives that it then has. */
export async function importImages(
  name: string,
  state: State,
  images: readonly Image[],
  waiting: Waiting,
  onImage?: (image: Image) => void,
): Promise<string[]> {
  const { paths, signal } = waiting;
  await until("the container runtime", waiting, () => accepts(paths.containerdSocket));
  const imported = [...state.images];
  for (const image of images.filter(({ archive }) => !imported.includes(archive))) {
    onImage?.(image);
    await importArchive(name, image.archive, state, paths, signal);
    imported.push(image.archive);
  }
  return imported;
}

function accepts(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.on("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.on("error", () => resolve(false));
  });
}

async function applyManifests(api: ApiServer, coredns: Image): Promise<void> {
  const read = (name: string): string => readFileSync(join(__dirname, "manifests", name), "utf8");
  await api.apply(read("rbac.yaml"));
  await api.apply(
    read("coredns.yaml").replaceAll("$(IMAGE)", coredns.references[0]).replaceAll("$(ADDRESS)", DNS_ADDRESS),
  );
}

/** A condition in an object's status. */
interface Condition {
  type: string;
  status: string;
  lastHeartbeatTime?: string;
}

/** Whether the node reports that it is ready, since this start: etcd may remember an earlier report. */
async function nodeIsReady(api: ApiServer, name: string, since: number): Promise<boolean> {
  const node = await api.get<{ status?: { conditions?: Condition[] } }>(`/api/v1/nodes/${name}`);
  const ready = node?.status?.conditions?.find((condition) => condition.type === "Ready");
  return ready?.status === "True" && isSince(ready.lastHeartbeatTime, since);
}

/** Whether a pod of the DNS is ready and was started since this start. */
async function dnsIsReady(api: ApiServer, since: number): Promise<boolean> {
  const pods = await api.get<{
    items: {
      metadata: { deletionTimestamp?: string };
      status?: { conditions?: Condition[]; containerStatuses?: { state?: { running?: { startedAt: string } } }[] };
    }[];
  }>("/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns");
  return (pods?.items ?? []).some(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") === true &&
      isSince(status.containerStatuses?.[0]?.state?.running?.startedAt, since),
  );
}

/** Kubernetes truncates times to whole seconds. */
function isSince(time: string | undefined, since: number): boolean {
  return time !== undefined && Date.parse(time) >= Math.floor(since / 1000) * 1000;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
