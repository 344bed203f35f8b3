import type { Stack } from "@pulumi/pulumi/automation";
import { IstioMesh, type IstioMeshArgs } from "../../../components";
import type { Engine } from "../../../sandbox/engine/engine";
import { CALLERS } from "./callers";
import { cluster, clusterGround } from "./cluster";
import type { Shared } from "./ground";
import { openInlineStack } from "./inlineStack";
import { Kubectl } from "./kubectl";

/** Ports of the shared ingress gateway beside 80 and 443, for servers of other protocols. */
export const GATEWAY_PORTS = { tcp: 9000, tls: 9443, mesh: 9444 } as const;

/** Istio that is there, for apps with `mesh: { install: false }`. */
export interface SharedMesh {
  /** kubectl on its cluster. */
  kubectl: Kubectl;
  /** The address of its ingress gateway. */
  address: string;
}

let mesh: Promise<SharedMesh> | undefined;

const SHARED: Shared = {
  namespaces: ["istio-system", "istio-ingress", CALLERS],
  clusterWide: /istio/,
  stack: "e2e-mesh",
  forget: () => (mesh = undefined),
};

/**
 * Istio for all suites that need one and do not care how it came: installed by the first that asks, and there until a
 * suite asks for the cluster without it.
 */
export function sharedMesh(engine: Engine): Promise<SharedMesh> {
  mesh ??= install(engine);
  return mesh;
}

/**
 * Brings the shared Istio up with other arguments, as an upgrade does. What it is told lasts until it is told
 * otherwise.
 */
export async function changeSharedMesh(engine: Engine, change: (args: IstioMeshArgs) => IstioMeshArgs): Promise<void> {
  await (await openStack(engine, change)).up();
}

async function install(engine: Engine): Promise<SharedMesh> {
  (await clusterGround()).share(SHARED);
  const { kubectl, kubeconfig, mesh: given } = await cluster();
  await (await openStack(engine)).up();
  return { kubectl: new Kubectl(kubectl, kubeconfig), address: (given as unknown as MeshOfSandbox).gateway.address };
}

interface MeshOfSandbox {
  gatewayValues: { service: object };
  gateway: { address: string };
}

async function openStack(engine: Engine, change = (args: IstioMeshArgs) => args): Promise<Stack> {
  const { mesh: given } = await cluster();
  const { gatewayValues, ...rest } = given as unknown as MeshOfSandbox;
  // The names say to callers inside the mesh what is spoken: "tcp" makes their proxies leave the bytes as they are.
  const named = {
    "status-port": 15021,
    http2: 80,
    https: 443,
    tcp: GATEWAY_PORTS.tcp,
    tls: GATEWAY_PORTS.tls,
    "tcp-mesh": GATEWAY_PORTS.mesh,
  };
  const ports = Object.entries(named).map(([name, port]) => ({ name, port, targetPort: port, protocol: "TCP" }));
  const values = { ...gatewayValues, service: { ...gatewayValues.service, ports } };
  return openInlineStack(
    engine,
    SHARED.stack,
    async () => void new IstioMesh("istio", change({ ...rest, gatewayValues: values })),
  );
}
