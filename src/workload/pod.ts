import type { Input } from "@pulumi/pulumi";
import { omitUndefined } from "../internal/objects";
import type { Plain } from "../istio/plain";
import { checkObject } from "../validation/kinds";
import { Findings, shown } from "../validation/problem";
import { isKnown } from "../validation/unknown";
import type { Drain } from "./drain";
import { renderEnvironment } from "./environment";
import type { PodArgs } from "./podArgs";
import { type PodPort, type ProbeArgs, renderProbe } from "./probe";
import { containerSecurity, podSecurity } from "./security";
import { type ConfigSources, renderConfigVariables, renderConfigVolume } from "./versionConfig";
import { type VolumeArgs, renderMount, renderVolume } from "./volume";

/** A Kubernetes `PodSpec` as plain data, with types only for the fields that are used here. */
export interface PodSpec {
  containers: Container[];
  serviceAccountName?: string;
  terminationGracePeriodSeconds?: number;
  [field: string]: unknown;
}

/** A Kubernetes `Container` as plain data. */
export interface Container {
  lifecycle?: { preStop?: unknown; [field: string]: unknown };
  [field: string]: unknown;
}

/**
 * Records what keeps a value from being a PodSpec, as far as its fields are used here; Kubernetes checks everything
 * else.
 */
export function checkPodSpec(spec: unknown, findings: Findings): void {
  if (!checkObject(spec, findings, "a Kubernetes PodSpec, an object,")) {
    return;
  }
  const { containers } = spec;
  const field = findings.field("containers");
  if (isKnown(containers) && (!Array.isArray(containers) || containers.length === 0)) {
    field.add(`is ${shown(containers)}`, "a list of at least one container is needed");
  } else if (Array.isArray(containers)) {
    for (const [index, container] of containers.entries()) {
      checkObject(container, field.field(index), "a Kubernetes Container, an object,");
    }
  }
}

/**
 * The fields that keep a terminating pod from losing requests, added where its own specification does not set them. A
 * pod's endpoint is removed from the proxies a moment after the pod starts to terminate; without the pause, an app that
 * stops at once refuses the requests of that moment. Kubernetes itself sleeps, so the image needs no shell (Kubernetes
 * 1.30 or newer). Every container sleeps, because only the app knows which of them answer requests, and which others
 * those need.
 */
export function withDrain(spec: PodSpec, serviceAccountName: string, drain: Drain): PodSpec {
  return {
    ...spec,
    serviceAccountName: spec.serviceAccountName ?? serviceAccountName,
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? drain.grace,
    containers: spec.containers.map((container) => ({
      ...container,
      lifecycle: { ...container.lifecycle, preStop: container.lifecycle?.preStop ?? sleepFor(drain.preStop) },
    })),
  };
}

function sleepFor(seconds: number): object {
  return { sleep: { seconds } };
}

/**
 * The pod for a version that is given by its image: one container that satisfies the "restricted" Pod Security
 * Standard, has a writable `/tmp`, and is ready when its first port accepts connections, unless `pod` says otherwise.
 * The image is passed on as it is.
 */
export function podOfImage(
  name: string,
  image: Input<string>,
  ports: readonly PodPort[],
  pod: Plain<PodArgs> = {},
  config?: ConfigSources,
): PodSpec {
  const volumes = withTmp(pod.volumes ?? [], config?.mountPath);
  const variables = config === undefined ? [] : renderConfigVariables(config);
  const extra = pod.containerExtra as { envFrom?: unknown } | undefined;
  const files =
    config &&
    renderConfigVolume(
      config,
      volumes.map((volume) => volume.name),
    );
  const env = renderEnvironment(pod.env, pod.envFrom);
  const probe = (given: Plain<ProbeArgs> | undefined) => given && renderProbe(given, ports);
  const secrets = pod.imagePullSecrets?.map((secret) => ({ name: secret }));
  return {
    securityContext: podSecurity(pod.security),
    ...omitUndefined({
      serviceAccountName: pod.serviceAccountName,
      priorityClassName: pod.priorityClassName,
      nodeSelector: pod.nodeSelector,
      imagePullSecrets: secrets,
    }),
    containers: [
      {
        name,
        image,
        imagePullPolicy: pod.imagePullPolicy ?? "IfNotPresent",
        ...omitUndefined({
          command: pod.command,
          args: pod.args,
          env: env.length === 0 ? undefined : env,
          resources: pod.resources,
        }),
        ports: containerPorts(ports),
        securityContext: containerSecurity(pod.security),
        readinessProbe: probe(pod.readinessProbe) ?? { tcpSocket: { port: ports[0].targetPort }, periodSeconds: 2 },
        ...omitUndefined({ livenessProbe: probe(pod.livenessProbe), startupProbe: probe(pod.startupProbe) }),
        volumeMounts: [...volumes.map(renderMount), ...(files === undefined ? [] : [files.mount])],
        ...extra,
        // What is passed through takes precedence over the version's config, but does not replace it.
        ...(variables.length === 0 ? {} : { envFrom: [...variables, ...[extra?.envFrom ?? []].flat()] }),
      },
    ],
    volumes: [...volumes.map(renderVolume), ...(files === undefined ? [] : [files.volume])],
    ...(pod.extra as object | undefined),
  };
}

/** Kubernetes' `ContainerPort`s: each number once, named after the first port that leads there. */
function containerPorts(ports: readonly PodPort[]): object[] {
  const numbers = ports.map(({ targetPort }) => targetPort);
  return ports
    .filter(({ targetPort }, index) => numbers.indexOf(targetPort) === index)
    .map(({ name, targetPort }) => ({ name, containerPort: targetPort }));
}

/** The volumes, including our own on `/tmp` unless another volume or the version's config is mounted there. */
function withTmp(volumes: readonly Plain<VolumeArgs>[], config?: string): readonly Plain<VolumeArgs>[] {
  const folders = [...volumes.map(({ mountPath }) => mountPath), ...(config === undefined ? [] : [config])];
  if (folders.some((folder) => folder.replace(/\/+$/, "") === TMP)) {
    return volumes;
  }
  const taken = volumes.some(({ name }) => name === "tmp");
  return [{ name: taken ? "canary-tmp" : "tmp", mountPath: TMP, emptyDir: {} }, ...volumes];
}

const TMP = "/tmp";
