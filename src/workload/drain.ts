import { isObject } from "../internal/objects";
import type { Plain } from "../istio/plain";
import { type Findings, shown } from "../validation/problem";
import { type PodArgs, mergePods } from "./podArgs";

/** How a pod that must go is emptied. Times in seconds. */
export interface Drain {
  /** How long proxies need to stop sending to it. @default it is not looked at */
  settle?: number;
  /** How long it goes on answering after it was told to go, so that every proxy stops sending to it first. */
  preStop: number;
  /** How long it has for all of that and its open requests before it is killed. */
  grace: number;
  /** Whether its sidecar ends after its containers. @default true */
  nativeSidecar?: boolean;
}

/** A drain of which not all may be known yet. */
type KnownDrain = { [Name in keyof Drain]?: unknown };

/** A version's pods, as far as their end is concerned. */
interface EndingPods {
  podSpec?: unknown;
  pod?: unknown;
  /** The pods' ports to which requests are sent. @default they are not known */
  ports?: readonly unknown[];
}

/**
 * Records pods that are killed while they drain, or that end before proxies have stopped sending to them: where what
 * they say themselves does not fit the app's times. A helper container may end early: only those that answer requests
 * count, which are the ones that declare a port to which requests are sent; if none does, it may be any of them.
 *
 * @param version Sound; whatever is not known yet is passed over.
 * @param shared What holds for the pods of all versions.
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
        `is ${shown(own)}, and the pod goes on answering for ${longest} seconds after it was told to go`,
        `more than that is needed, or the pod is killed meanwhile: raise it, or lower ${sleeps.includes(longest) ? "lifecycle.preStop.sleep.seconds" : "transition.drainSeconds"}`,
      );
  }
}

/** Whether a container declares one of these ports. */
function declares(container: unknown, ports: readonly unknown[]): boolean {
  const declared = isObject(container) && Array.isArray(container.ports) ? container.ports : [];
  return declared.some((port) => isObject(port) && ports.includes(port.containerPort));
}

/** A container that ends in a way of its own. */
const ELSEWISE = Symbol("ends in a way of its own");

/** How long a container sleeps before it ends; undefined if it is left to us. */
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
