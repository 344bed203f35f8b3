import type { IstioMeshArgs } from "../../../../components";
import { changeSharedMesh } from "../../../e2e/support/mesh";
import { AppSubject, version } from "../appKind";
import type { Kind, Place } from "../kind";

/** A kind that changes Istio under an app that stays as it is; gives how many `up`s a repetition took. */
function meshKind(name: string, changes: string, repeat: (place: Place, round: number) => Promise<number>): Kind {
  return {
    name,
    changes,
    open: async (place) => {
      const app = await AppSubject.open(place, { versions: [version(1), version(2)], weight: 50 });
      const close = app.close.bind(app);
      return Object.assign(app, {
        repeat: (round: number) => repeat(place, round),
        close: async () => {
          await close();
          await changeSharedMesh(place.engine, (args) => args);
        },
      });
    },
  };
}

/** Values of a chart with these on top. */
const withValues = (chart: "istiodValues" | "gatewayValues", values: object) => (args: IstioMeshArgs) => ({ ...args, [chart]: { ...args[chart], ...values } });

async function restart({ mesh: { kubectl } }: Place, namespace: string): Promise<number> {
  const deployment = (await kubectl.run("get", "deployments", "-n", namespace, "-o", "name")).trim();
  await kubectl.run("rollout", "restart", "-n", namespace, deployment);
  await kubectl.run("rollout", "status", "-n", namespace, deployment, "--timeout=120s");
  return 0;
}

async function upgrade({ engine }: Place, change: (args: IstioMeshArgs) => IstioMeshArgs): Promise<number> {
  await changeSharedMesh(engine, change);
  return 1;
}

/** Changes of the mesh itself. */
export const MESH_KINDS: readonly Kind[] = [
  meshKind("upgrade-istiod", "istiod by its chart's values", (place, round) => upgrade(place, withValues("istiodValues", { podAnnotations: { "proven/round": String(round) } }))),
  meshKind("upgrade-gateway", "the ingress gateway by its chart's values", (place, round) => upgrade(place, withValues("gatewayValues", { podAnnotations: { "proven/round": String(round) } }))),
  meshKind("restart-istiod", "istiod restarted", (place) => restart(place, "istio-system")),
  meshKind("restart-gateway", "the ingress gateway restarted", (place) => restart(place, "istio-ingress")),
];
