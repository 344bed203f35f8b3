import { isObject } from "../internal/objects";
import type { Plain } from "../istio/plain";
import { type Findings, shown } from "../validation/problem";
import { type PodArgs, mergePods } from "./podArgs";

/** How a terminating pod is drained. Times in seconds. */
export interface Drain {
  /** How long proxies need to stop sending requests to it. @default not checked */
  settle?: number;
  /** How long it goes on answering while it terminates, so that every proxy stops sending requests first. */
  preStop: number;
  /** How long it has for that and its open requests before it is killed. */
  grace: number;
  /** Whether its sidecar ends after its containers. @default true */
  nativeSidecar?: boolean;
}

/** A drain of which some parts may not be known yet. */
type KnownDrain = { [Name in keyof Drain]?: unknown };

/** The parts of a version that decide how its pods end. */
interface EndingPods {
  podSpec?: unknown;
  pod?: unknown;
  /** The pods' ports to which requests are sent. @default they are not known */
  ports?: readonly unknown[];
}

/**
 * Records pods that are killed while they drain, or that end before proxies have stopped sending requests to them,
 * because their own settings conflict with the app's times. Helper containers may end early: only containers that
 * declare a port of the Service are checked; if none does, any of them may be the one that answers requests.
 *
 * @param version Valid; whatever is not known yet is skipped.
 * @param shared What applies to the pods of all versions.
 */
export function checkDrain(version: EndingPods, shared: unknown, drain: KnownDrain, findings: Findings): void {
  const { spec, containers, path } = endingPod(version, shared);
  const own = spec.terminationGracePeriodSeconds;
  const grace = own ?? drain.grace;
  const sleeps = containers.map(sleepOf).filter((sleep) => sleep !== ELSEWISE);
  const answering = containers.filter((container) => declares(container, version.ports ?? []));
  const isShort = (container: unknown) => {
    const sleep = sleepOf(container);
    return typeof drain.settle === "number" && typeof sleep === "number" && sleep <= drain.settle;
  };
  const endsEarly = (container: unknown) =>
    isShort(container) && (answering.includes(container) || (answering.length === 0 && containers.every(isShort)));
  containers.forEach((container, index) => {
    const sleep = sleepOf(container);
    if (typeof sleep !== "number") {
      return;
    }
    const field = path
      .container(index)
      .reduce((at: Findings, name) => at.field(name), findings)
      .field("lifecycle")
      .field("preStop")
      .field("sleep")
      .field("seconds");
    if (endsEarly(container)) {
      field.add(
        `is ${sleep}`,
        `more than transition.settleSeconds (${String(drain.settle)}) is needed: a pod must answer until no proxy sends to it`,
      );
    } else if (own === undefined && typeof grace === "number" && sleep >= grace) {
      field.add(
        `is ${sleep}`,
        `less than transition.graceSeconds (${grace}) is needed, or the pod is killed meanwhile`,
      );
    }
  });
  const longest = Math.max(
    ...sleeps
      .map((sleep) => (sleep === undefined ? drain.preStop : sleep))
      .filter((sleep) => typeof sleep === "number"),
  );
  if (typeof own === "number" && own <= longest) {
    path.spec
      .reduce((at: Findings, name) => at.field(name), findings)
      .field("terminationGracePeriodSeconds")
      .add(
        `is ${shown(own)}, and the terminating pod goes on answering for ${longest} seconds`,
        `more than that is needed, or the pod is killed meanwhile: raise it, or lower ${sleeps.includes(longest) ? "lifecycle.preStop.sleep.seconds" : "transition.drainSeconds"}`,
      );
  }
}

/** Whether a container declares one of these ports. */
function declares(container: unknown, ports: readonly unknown[]): boolean {
  const declared = isObject(container) && Array.isArray(container.ports) ? container.ports : [];
  return declared.some((port) => isObject(port) && ports.includes(port.containerPort));
}

/** A container with a preStop hook of its own. */
const ELSEWISE = Symbol("ends in a way of its own");

/** How long a container's preStop hook sleeps; undefined if it has none of its own. */
function sleepOf(container: unknown): number | undefined | typeof ELSEWISE {
  const lifecycle = isObject(container) ? container.lifecycle : ELSEWISE;
  const preStop = isObject(lifecycle) ? lifecycle.preStop : lifecycle;
  if (preStop === undefined) {
    return undefined;
  }
  const sleep = isObject(preStop) ? preStop.sleep : undefined;
  return isObject(sleep) && typeof sleep.seconds === "number" ? sleep.seconds : ELSEWISE;
}

interface EndingPod {
  spec: Readonly<Record<string, unknown>>;
  containers: readonly unknown[];
  path: { spec: readonly string[]; container: (index: number) => readonly (string | number)[] };
}

function endingPod({ podSpec, pod }: EndingPods, shared: unknown): EndingPod {
  if (podSpec !== undefined) {
    const spec = isObject(podSpec) ? podSpec : {};
    return {
      spec,
      containers: Array.isArray(spec.containers) ? spec.containers : [],
      path: { spec: ["podSpec"], container: (index) => ["podSpec", "containers", index] },
    };
  }
  const merged = [shared, pod].every((each) => each === undefined || isObject(each))
    ? mergePods(shared as Plain<PodArgs> | undefined, pod as Plain<PodArgs> | undefined)
    : {};
  return {
    spec: isObject(merged.extra) ? merged.extra : {},
    containers: [merged.containerExtra === undefined ? {} : merged.containerExtra],
    path: { spec: ["pod", "extra"], container: () => ["pod", "containerExtra"] },
  };
}
