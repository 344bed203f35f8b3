import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ComponentType } from "../src/internal/componentTypes";
import { checkServers, gateway } from "../src/istio/gateway";
import type { GatewayServerArgs } from "../src/istio/gatewayServer";
import { NETWORKING_API } from "../src/istio/istioObjects";
import { INGRESS_NAMESPACE } from "../src/istio/meshDefaults";
import type { Plain } from "../src/istio/plain";
import { labelsCheck } from "../src/validation/labels";
import { Findings } from "../src/validation/problem";
import { plain, required, shape } from "../src/validation/shape";
import { hasUnknown, isKnown } from "../src/validation/unknown";
import { dnsLabel } from "../src/validation/values";
import { gatewayObjectClaim } from "./claims/appClaims";
import { type Claim, claim, claimLater, claimant } from "./claims/claims";
import { selectorKey, serverClaims } from "./claims/hostClaims";
import { type KnownGateway, rememberGateway } from "./claims/sharedGateways";
import { finalServers } from "./finalServers";
import { gatewaySelector } from "./ingressGateway";
import { validated } from "./validated";
import { withUnknowns } from "./withUnknowns";

/** A Gateway that several apps share. */
export interface SharedGatewayArgs {
  /** The ports it answers on, each with its hosts; apps use some of these hosts. Gateway `servers`. */
  servers: pulumi.Input<pulumi.Input<GatewayServerArgs>[]>;
  /** Its name. A DNS label. @default the component's name */
  gatewayName?: string;
  /** The existing namespace that it is created in. A DNS label. @default "istio-ingress" */
  namespace?: pulumi.Input<string>;
  /**
   * The labels of the ingress gateway's pods. Gateway `selector`.
   * @default those of the Release "istio-ingressgateway"
   */
  selector?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A Gateway for the hosts of several apps, with their ports and certificates in one place. Each app refers to it by
 * `gateway: { use: shared.reference, usedServers: shared.servers }`: hosts that no server answers for are then refused,
 * and the app's URL is taken from the servers. An app of another stack may omit `usedServers`; nothing is checked then.
 */
export class SharedGateway extends pulumi.ComponentResource {
  /** What apps refer to it by: `namespace/name`. Known once it exists. */
  readonly reference: pulumi.Output<string>;
  /** The ports it answers on, with their hosts. */
  readonly servers: pulumi.Output<GatewayServerArgs[]>;

  constructor(name: string, args: SharedGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    const subject = `SharedGateway "${name}"`;
    const findings = Findings.at();
    sharedGateway(withUnknowns(args), findings);
    if (args?.gatewayName === undefined) {
      dnsLabel()(name, findings.field("name"));
    }
    findings.throwIfAny(subject);
    const own = claimant("SharedGateway", name, opts);
    const known = claimsOf(name, withUnknowns(args));
    claim(own, known.claims, findings);
    findings.throwIfAny(subject);
    super(ComponentType.SharedGateway, name, {}, opts);

    const servers = validated(subject, "servers", args.servers, (given, field) => checkServers(given, [], field));
    const namespace = validated(subject, "namespace", args.namespace ?? INGRESS_NAMESPACE, dnsLabel());
    const parts = validated(subject, "", { servers, selector: args.selector }, (given, later) => {
      if (known.isLate) {
        claimLater(own, claimedServers(given.servers, given.selector), later);
      }
    });
    const spec = parts.apply((given) => gateway(given.servers, [], gatewaySelector({ selector: given.selector })));
    const metadata = { name: args.gatewayName ?? name, namespace };
    const made = new k8s.apiextensions.CustomResource(
      name,
      { apiVersion: NETWORKING_API, kind: "Gateway", metadata, spec },
      { parent: this },
    );
    this.reference = pulumi.interpolate`${made.metadata.namespace}/${made.metadata.name}`;
    rememberGateway(this.reference, known.gateway);
    this.servers = finalServers(servers, args.servers);
    this.registerOutputs({ reference: this.reference, servers: this.servers });
  }
}

/** What a SharedGateway claims, and what apps that use it can know of it, before anything is registered. */
function claimsOf(
  name: string,
  args: Plain<SharedGatewayArgs>,
): { claims: Claim[]; gateway: KnownGateway; isLate: boolean } {
  const { gatewayName = name, namespace = INGRESS_NAMESPACE, servers, selector: labels } = args;
  const reference = isKnown(namespace) ? `${namespace}/${gatewayName}` : undefined;
  const selector = hasUnknown(labels) ? undefined : selectorKey(gatewaySelector({ selector: labels }));
  const settled = hasUnknown(servers) ? undefined : servers;
  const isLate = selector === undefined || settled === undefined;
  return {
    claims: [
      ...(isKnown(namespace)
        ? [gatewayObjectClaim(namespace, gatewayName, (findings) => findings.field("gatewayName"))]
        : []),
      ...(isLate ? [] : claimedServers(settled, labels)),
    ],
    gateway: { reference, selector, servers: settled },
    isLate,
  };
}

function claimedServers(
  servers: readonly Plain<GatewayServerArgs>[],
  selector: Record<string, string> | undefined,
): Claim[] {
  return serverClaims(selectorKey(gatewaySelector({ selector })), servers, [], (findings) => findings.field("servers"));
}

const sharedGateway = plain(
  shape<Plain<SharedGatewayArgs>>({
    servers: required((servers, findings) => checkServers(servers, [], findings), "a list of servers"),
    gatewayName: plain(dnsLabel()),
    namespace: dnsLabel(),
    selector: labelsCheck,
  }),
);
