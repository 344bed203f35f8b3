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
  /** Whether Istio is installed with this app. False for the mesh that is there already. @default true */
  install?: boolean;
  /**
   * The revision or revision tag of the mesh that is there; the namespace gets the label `istio.io/rev` with it instead
   * of `istio-injection: enabled`. @default the default revision
   */
  revision?: pulumi.Input<string>;
  /**
   * Whether sidecars are native ones, which end after the app's containers: Istio 1.27 or newer makes them where every
   * node has Kubernetes 1.33 or newer. Pods with other sidecars get the annotation `proxy.istio.io/config` with a
   * `terminationDrainDuration` of `graceSeconds`, or their sidecar would end 5 seconds after they were told to go, and
   * with it every request that takes longer. Such pods end with their grace period only.
   * @default false if `istiodValues.pilot.env.ENABLE_NATIVE_SIDECARS` is "false", else true
   */
  nativeSidecars?: boolean;
}

/** The namespace that an app lives in. */
export interface NamespaceArgs {
  /** Its name. A DNS label. @default the app's name */
  name?: string;
  /** Whether it is made here. False for one that is there. @default true */
  create?: boolean;
  /**
   * Whether it gets the label that has sidecars injected. For a namespace that is there, only that label becomes ours,
   * and goes again with the app. Namespace `metadata.labels`. @default true for one that is made here, false for one
   * that is there
   */
  inject?: boolean;
  /** More labels for a namespace that is made here. Namespace `metadata.labels`. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** How a change of versions is kept free of failed requests. */
export interface TransitionArgs {
  /**
   * How long every proxy of the mesh gets to follow, in seconds from 0 to 600: once before the first request to a new
   * version, port or other Service, and once before an old version's pods go. A change of weights alone waits for
   * neither. Large meshes need more, and managed ones may need minutes; `drainSeconds` and `graceSeconds` have to be
   * longer then, too.
   * @default 1.5
   */
  settleSeconds?: pulumi.Input<number>;
  /**
   * How long a pod goes on answering after it was told to go, in whole seconds from 1. Longer than the settling.
   * @default 5
   */
  drainSeconds?: pulumi.Input<number>;
  /**
   * How long a pod has for that and its open requests before it is killed, in whole seconds. Longer than the draining.
   * @default 30
   */
  graceSeconds?: pulumi.Input<number>;
  /**
   * How long a version's pods have to become available, in whole seconds from 1 to 7200. An `up` in which they do not
   * fails then, with the reason; the traffic stays where it was. @default 600
   */
  readySeconds?: number;
}

/** An app in several versions that run side by side and share its traffic. */
export interface CanaryAppArgs extends WorkloadArgs {
  /** The versions, oldest first. */
  versions: VersionArgs[];
  /**
   * The newest version's share in percent, 0 to 100, where there are two versions; the older one gets the rest. Set
   * this or `weights`.
   */
  weight?: pulumi.Input<number>;
  /** Every version's share in percent, by name, with the sum 100; for any number of versions. Set this or `weight`. */
  weights?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /**
   * The app's name: its Service, the pods' label `app`, and the start of its objects' names. A DNS label that starts
   * with a letter.
   * @default the component's name
   */
  appName?: string;
  /** The namespace it lives in. */
  namespace?: NamespaceArgs;
  /** The Service that stands for all versions. */
  service?: ServiceArgs;
  /**
   * The whole host names of requests from outside, through the ingress gateway; `[]` for an app that only the mesh
   * reaches. With `*`, callers inside the mesh are not routed by the weights, because Istio allows no `*` there.
   * @default ["*"]
   */
  hosts?: string[];
  /**
   * The Gateway that lets the requests for the hosts in: ports and TLS, or one that is there already.
   * @default its own, plain HTTP on port 80
   */
  gateway?: GatewayArgs;
  /**
   * Whether callers inside the mesh are routed by the weights, too. VirtualService `gateways` with `mesh`.
   * @default true, unless a host is `*`
   */
  internal?: boolean;
  /**
   * What the pods take from callers: `STRICT`, `PERMISSIVE` or `DISABLE`. PeerAuthentication `mtls.mode`.
   * @default the mesh's, which is Istio's `PERMISSIVE`
   */
  mtls?: pulumi.Input<MtlsMode>;
  /**
   * Who may call the app; everyone else gets 403. A change holds for new connections at once. One that callers' proxies
   * hold open serves one more request by the old rules and is closed then, or after 45 seconds without one; a request
   * that is still under way 45 seconds after the change ends with 503. AuthorizationPolicy `rules`. @default everyone
   */
  access?: pulumi.Input<pulumi.Input<AccessRuleArgs>[]>;
  /**
   * Rules for some of the requests, the first that matches counts. What none takes gets 404.
   * @default one that takes every request
   */
  routes?: pulumi.Input<RouteArgs>[];
  /** Whether users stay with the version that answered them first. @default every request is shared anew */
  sticky?: pulumi.Input<StickyArgs>;
  /** How callers treat the pods of all versions. DestinationRule `trafficPolicy`. @default Istio's */
  trafficPolicy?: pulumi.Input<TrafficPolicyArgs>;
  /** The mesh it joins: installed with it, or there already. */
  mesh?: MeshArgs;
  /** How a change of versions is kept free of failed requests. */
  transition?: TransitionArgs;
}

/** Defaults that more than one place needs. */
export const DEFAULTS = {
  hosts: EVERY_HOST,
  settleSeconds: 1.5,
  drainSeconds: 5,
  graceSeconds: 30,
  readySeconds: 600,
} as const;
