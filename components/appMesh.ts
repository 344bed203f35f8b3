import * as pulumi from "@pulumi/pulumi";
import type { Dependencies } from "./appContext";
import type { MeshArgs } from "./canaryAppArgs";
import { gatewayAddress } from "./ingressGateway";
import { IstioMesh } from "./istioMesh";

/** The mesh that an app joins. */
export interface AppMesh {
  /** What pods and Istio's objects wait for: what the app waits for, and the control plane that comes with it. */
  meshed: Dependencies;
  /** The address of the ingress gateway; read from the cluster if it is not given. */
  gatewayAddress(name: string): pulumi.Output<string>;
}

/**
 * Installs Istio with an app, unless it joins a mesh that is there.
 *
 * @param name The app's component's name.
 * @param awaited What the app waits for. Istio does not: Pulumi does not hand it down to what a component makes.
 */
export function appMesh(name: string, args: MeshArgs, awaited: Dependencies, app: pulumi.Resource): AppMesh {
  const { install = true, revision: _revision, nativeSidecars: _nativeSidecars, ...istio } = args;
  const ingress = args.gateway ?? {};
  if (!install) {
    return {
      meshed: awaited,
      gatewayAddress: (address) =>
        gatewayAddress(address, ingress, gatewayMakers(awaited), { parent: app, dependsOn: awaited }),
    };
  }
  const installed = new IstioMesh(`${name}-mesh`, istio, { parent: app });
  return {
    meshed: [installed.controlPlane, ...awaited],
    gatewayAddress: (address) =>
      gatewayAddress(address, ingress, gatewayMakers([installed]), { parent: app, dependsOn: installed }),
  };
}

/**
 * What an app itself waits for. Pulumi does not hand it down to what a component makes, and then pods could be there
 * before the mesh that gives them sidecars.
 */
export function awaitedBy(opts?: pulumi.ComponentResourceOptions): Dependencies {
  // One that is known later may be a list, too; Pulumi takes that for an element.
  return [opts?.dependsOn ?? []].flat() as Dependencies;
}

/** What of the resources that are waited for may make the ingress gateway. */
function gatewayMakers(awaited: Dependencies): pulumi.Output<pulumi.CustomResource[]> {
  return pulumi.output(awaited).apply((known) => (known as pulumi.Resource[]).flat().flatMap(gatewayMaker));
}

function gatewayMaker(resource: pulumi.Resource): pulumi.CustomResource[] {
  if (resource instanceof IstioMesh) {
    return [resource.gateway];
  }
  return pulumi.CustomResource.isInstance(resource) ? [resource] : [];
}
