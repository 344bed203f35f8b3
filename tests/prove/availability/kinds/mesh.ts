import assert from "node:assert/strict";
import type { IstioMeshArgs } from "../../../../components";
import { importImage } from "../../../../sandbox";
import { ensureImages } from "../../../../sandbox/images";
import { meshCharts } from "../../../../sandbox/mesh";
import { createProgress } from "../../../../sandbox/progress";
import { EARLIER_ISTIO, ISTIO, ISTIO_HUB } from "../../../../sandbox/tools";
import { SANDBOX } from "../../../e2e/support/cluster";
import { changeSharedMesh } from "../../../e2e/support/mesh";
import { APP, AppSubject, version } from "../appKind";
import { serveCharts } from "../chartRepository";
import type { Kind, Place, Subject } from "../kind";

/** A kind that changes Istio under an app that stays as it is; returns how many `up`s a repetition took. */
function meshKind(name: string, changes: string, repeat: (place: Place, round: number) => Promise<number>): Kind {
  return { name, changes, open: (place) => openUnderMesh(place, (round) => repeat(place, round)) };
}

async function openUnderMesh(
  place: Place,
  repeat: Subject["repeat"],
  afterwards = async (): Promise<void> => {},
): Promise<Subject> {
  const app = await AppSubject.open(place, { versions: [version(1), version(2)], weight: 50 });
  const close = app.close.bind(app);
  return Object.assign(app, {
    repeat,
    close: async () => {
      await close();
      await changeSharedMesh(place.engine, (args) => args);
      await afterwards();
    },
  });
}

/** Values of a chart, merged with these. */
const withValues = (chart: "istiodValues" | "gatewayValues", values: object) => (args: IstioMeshArgs) => ({
  ...args,
  [chart]: { ...args[chart], ...values },
});

/** Replaces all pods of a namespace. */
async function restart({ mesh: { kubectl } }: Place, namespace: string): Promise<number> {
  const deployments = (await kubectl.run("get", "deployments", "-n", namespace, "-o", "name")).trim().split("\n");
  await kubectl.run("rollout", "restart", "-n", namespace, ...deployments);
  await Promise.all(
    deployments.map((deployment) => kubectl.run("rollout", "status", "-n", namespace, deployment, "--timeout=120s")),
  );
  return 0;
}

async function upgrade({ engine }: Place, change: (args: IstioMeshArgs) => IstioMeshArgs): Promise<number> {
  await changeSharedMesh(engine, change);
  return 1;
}

/** Istio downgraded to an earlier version and upgraded again. */
const istioVersion: Kind = {
  name: "istio-version",
  changes: "Istio's version: istiod, the gateway and all sidecars, to one of four months before and back",
  open: async (place) => {
    const progress = createProgress();
    const folders = [await meshCharts(progress), await meshCharts(progress, "charts-earlier")];
    for (const { archive } of await ensureImages(["pilot-earlier", "proxyv2-earlier"], progress)) {
      await importImage(archive, { name: SANDBOX });
    }
    const repository = await serveCharts(folders);
    const repeat = async () => {
      await moveTo(place, repository.url, EARLIER_ISTIO.version);
      await moveTo(place, repository.url, ISTIO.version);
      return 2;
    };
    return openUnderMesh(place, repeat, () => repository.close());
  },
};

/**
 * Changes all of Istio to a version: the control plane and the gateway by an `up`, then, as Istio's documentation
 * describes, the proxies of the gateway and of the app's pods: these have the version that istiod injects when pods are
 * created.
 */
async function moveTo(place: Place, charts: string, version: string): Promise<void> {
  await upgrade(place, (args) => ({ ...args, charts, version }));
  for (const namespace of ["istio-ingress", APP]) {
    await restart(place, namespace);
  }
  const versions = new Set((await istioImages(place)).map((image) => image.slice(image.lastIndexOf(":") + 1)));
  assert.deepEqual([...versions], [version], "Istio's version, everywhere");
}

/** The image tags of all parts of Istio, without terminating pods, in which an earlier version may linger. */
async function istioImages({ mesh: { kubectl } }: Place): Promise<string[]> {
  const listed = await Promise.all(
    ["istio-system", "istio-ingress", APP].map((namespace) =>
      kubectl.run("get", "pods", "-n", namespace, "-o", "json"),
    ),
  );
  const pods = listed
    .flatMap((text) => (JSON.parse(text) as { items: Pod[] }).items)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return pods
    .flatMap(({ spec }) => [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image))
    .filter((image) => image.startsWith(`${ISTIO_HUB}/`));
}

interface Pod {
  metadata: { deletionTimestamp?: string };
  spec: { containers: { image: string }[]; initContainers?: { image: string }[] };
}

/** Changes of the mesh itself. */
export const MESH_KINDS: readonly Kind[] = [
  meshKind("upgrade-istiod", "istiod by its chart's values", (place, round) =>
    upgrade(place, withValues("istiodValues", { podAnnotations: { "proven/round": String(round) } })),
  ),
  meshKind("upgrade-gateway", "the ingress gateway by its chart's values", (place, round) =>
    upgrade(place, withValues("gatewayValues", { podAnnotations: { "proven/round": String(round) } })),
  ),
  istioVersion,
  meshKind("restart-istiod", "istiod restarted", (place) => restart(place, "istio-system")),
  meshKind("restart-gateway", "the ingress gateway restarted", (place) => restart(place, "istio-ingress")),
];
