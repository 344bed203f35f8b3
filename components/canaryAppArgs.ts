import type * as pulumi from "@pulumi/pulumi";
import type { AccessRuleArgs } from "../src/istio/access";
import type { GatewayArgs } from "../src/istio/gateway";
import type { MtlsMode } from "../src/istio/mtls";
import { EVERY_HOST } from "../src/istio/reach";
import type { RouteArgs } from "../src/istio/route";
import type { ServiceArgs } from "../src/istio/servicePorts";
import type { StickyArgs } from "../src/istio/sticky";
import type { TrafficPolicyArgs } from "../src/istio/trafficPolicy";
import type { VersionArgs } from "../src/workload/version";
import type { WorkloadArgs } from "../src/workload/workloads";
import type { IstioMeshArgs } from "./istioMeshArgs";

/** The mesh that an app joins. */
export interface MeshArgs extends IstioMeshArgs {
  /** Whether Istio is installed with this app. False to join an existing mesh. @default true */
  install?: boolean;
  /**
   * The revision or revision tag of the existing mesh. The namespace then gets the label `istio.io/rev` instead of
   * `istio-injection: enabled`.
   * @default the default revision
   */
  revision?: pulumi.Input<string>;
  /**
   * Whether sidecars are native ones, which end after the app's containers. Istio 1.27 or newer uses them if every node
   * runs Kubernetes 1.33 or newer. Pods with other sidecars get the annotation `proxy.istio.io/config` with a
   * `terminationDrainDuration` of `graceSeconds`: otherwise the sidecar would end 5 seconds after the pod starts to
   * terminate, together with every request that takes longer. Such pods always use their whole grace period to end.
   * @default false if `istiodValues.pilot.env.ENABLE_NATIVE_SIDECARS` is "false", else true
   */
  nativeSidecars?: boolean;
}

/** The namespace of an app. */
export interface NamespaceArgs {
  /** Its name. A DNS label. @default the app's name */
  name?: string;
  /** Whether it is created here. False to use an existing one. @default true */
  create?: boolean;
  /**
   * Whether it gets the label that injects sidecars. In an existing namespace, only that label is managed here, and it
   * is removed with the app. Namespace `metadata.labels`.
   * @default true for a namespace that is created here, false for an existing one
   */
  inject?: boolean;
  /** More labels for a namespace that is created here. Namespace `metadata.labels`. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** How long things wait while versions are added, replaced or removed, so that no request fails. */
export interface TransitionArgs {
  /**
   * The propagation delay: how long every proxy of the mesh gets to learn of a change, in seconds from 0 to 600, once
   * before the first request to a new version, port or other Service, and once before an old version's pods are deleted.
   * A change of weights alone waits for neither. Large meshes need more, and managed ones may need minutes;
   * `drainSeconds` and `graceSeconds` must be larger then, too.
   * @default 1.5
   */
  settleSeconds?: pulumi.Input<number>;
  /**
   * How long a terminating pod goes on answering, in whole seconds from 1. Must be more than `settleSeconds`.
   * @default 5
   */
  drainSeconds?: pulumi.Input<number>;
  /**
   * How long a terminating pod has to drain and to finish open requests before it is killed, in whole seconds. Must be
   * more than `drainSeconds`.
   * @default 30
   */
  graceSeconds?: pulumi.Input<number>;
  /**
   * How long a version's pods have to become available, in whole seconds from 1 to 7200. If they do not, `up` fails
   * with the reason, and the traffic stays where it was.
   * @default 600
   */
  readySeconds?: number;
}

/** An app in several versions that run side by side and share its traffic. */
export interface CanaryAppArgs extends WorkloadArgs {
  /** The versions, oldest first. */
  versions: VersionArgs[];
  /**
   * The newest version's weight in percent, 0 to 100, if there are two versions; the older one gets the rest. Set this
   * or `weights`.
   */
  weight?: pulumi.Input<number>;
  /** Every version's weight in percent, by name, with the sum 100; for any number of versions. Set this or `weight`. */
  weights?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /**
   * The app's name: the name of its Service, the pods' label `app`, and the start of its objects' names. A DNS label
   * that starts with a letter.
   * @default the component's name
   */
  appName?: string;
  /** The app's namespace. */
  namespace?: NamespaceArgs;
  /** The Service that represents all versions. */
  service?: ServiceArgs;
  /**
   * The full host names of requests from outside, through the ingress gateway; `[]` for an app that is reached only
   * from inside the mesh. With `*`, callers inside the mesh are not routed by the weights, because Istio does not allow
   * `*` there.
   * @default ["*"]
   */
  hosts?: string[];
  /**
   * The Gateway that lets in requests for the hosts: its ports and TLS, or an existing one.
   * @default its own, plain HTTP on port 80
   */
  gateway?: GatewayArgs;
  /**
   * Whether callers inside the mesh are routed by the weights, too. VirtualService `gateways` with `mesh`.
   * @default true, unless a host is `*`
   */
  internal?: boolean;
  /**
   * Which connections the pods accept: `STRICT`, `PERMISSIVE` or `DISABLE`. PeerAuthentication `mtls.mode`.
   * @default the mesh's, which is Istio's `PERMISSIVE`
   */
  mtls?: pulumi.Input<MtlsMode>;
  /**
   * Who may call the app; everyone else gets 403. A change applies to new connections at once. A connection that a
   * caller's proxy holds open serves one more request by the old rules and is then closed, or after 45 seconds without
   * a request; a request that is still running 45 seconds after the change ends with 503. AuthorizationPolicy `rules`.
   * @default everyone
   */
  access?: pulumi.Input<pulumi.Input<AccessRuleArgs>[]>;
  /**
   * Rules for some of the requests; the first one that matches applies. Requests that match none get 404.
   * @default one route for every request
   */
  routes?: pulumi.Input<RouteArgs>[];
  /** Whether users stay with the version that answered them first. @default every request is routed independently */
  sticky?: pulumi.Input<StickyArgs>;
  /** How callers treat the pods of all versions. DestinationRule `trafficPolicy`. @default Istio's */
  trafficPolicy?: pulumi.Input<TrafficPolicyArgs>;
  /** The mesh that the app joins: installed with it, or an existing one. */
  mesh?: MeshArgs;
  /** How long things wait while versions are added, replaced or removed. */
  transition?: TransitionArgs;
}

/** Defaults that are needed in several places. */
export const DEFAULTS = {
  hosts: EVERY_HOST,
  settleSeconds: 1.5,
  drainSeconds: 5,
  graceSeconds: 30,
  readySeconds: 600,
} as const;
