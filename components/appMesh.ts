import * as pulumi from "@pulumi/pulumi";
import type { Dependencies } from "./appContext";
import type { MeshArgs } from "./canaryAppArgs";
import { gatewayAddress } from "./ingressGateway";
import { IstioMesh } from "./istioMesh";

/** The mesh that an app joins. */
export interface AppMesh {
  /**
   * What pods and Istio's objects wait for: whatever the app waits for, and the control plane that is installed with
   * it.
   */
  meshed: Dependencies;
  /** The address of the ingress gateway, read from the cluster if it is not given. */
  gatewayAddress(name: string): pulumi.Output<string>;
}

/**
 * Installs Istio with an app, unless the app joins an existing mesh.
 *
 * @param name The app's component's name.
 * @param awaited What the app waits for. Istio has to be given it, because Pulumi does not pass a component's
 * `dependsOn` on to its children.
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
 * What an app itself waits for. Pulumi does not pass it on to a component's children, and without it pods could be
 * created before the mesh that injects their sidecars.
 */
export function awaitedBy(opts?: pulumi.ComponentResourceOptions): Dependencies {
  // An Output or promise may turn out to be a list, although Pulumi's type calls it an element.
  return [opts?.dependsOn ?? []].flat() as Dependencies;
}

/** Those of the awaited resources that may create the ingress gateway. */
function gatewayMakers(awaited: Dependencies): pulumi.Output<pulumi.CustomResource[]> {
  return pulumi.output(awaited).apply((known) => (known as pulumi.Resource[]).flat().flatMap(gatewayMaker));
}

function gatewayMaker(resource: pulumi.Resource): pulumi.CustomResource[] {
  if (resource instanceof IstioMesh) {
    return [resource.gateway];
  }
  return pulumi.CustomResource.isInstance(resource) ? [resource] : [];
}
