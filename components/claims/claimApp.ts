import * as pulumi from "@pulumi/pulumi";
import { ComponentType } from "../../src/internal/componentTypes";
import type { GatewayArgs } from "../../src/istio/gateway";
import type { Reach } from "../../src/istio/istioObjects";
import { Findings } from "../../src/validation/problem";
import type { CanaryAppArgs } from "../canaryAppArgs";
import { validated } from "../validated";
import { withUnknowns } from "../withUnknowns";
import { type ReachParts, objectClaims, reachClaims } from "./appClaims";
import { type Claimant, claim, claimLater, claimant, claimantKey } from "./claims";
import { meshClaims } from "./meshClaims";

/** An app as an owner of claims. */
export interface ClaimingApp {
  claimant: Claimant;
  /** Whether its hosts can be claimed only once more is known. */
  isLate: boolean;
}

/**
 * Claims what an app needs exclusively in its cluster: its objects' names, its namespace, its hosts and ports, and
 * Istio if that is installed with it.
 *
 * @throws ValidationError that names the component of the same program that has it already
 */
export function claimApp(
  name: string,
  args: CanaryAppArgs,
  opts: pulumi.ComponentResourceOptions | undefined,
): ClaimingApp {
  const own = claimant("CanaryApp", name, opts);
  const known = withUnknowns(args);
  const app = args.appName ?? name;
  const reach = reachClaims(app, { ...known, namespace: args.namespace?.name ?? app }, gatewayOf(args).use);
  const findings = Findings.at();
  claim(own, [...objectClaims(app, known), ...(reach ?? [])], findings);
  if (args.mesh?.install ?? true) {
    const mesh = { ...own, key: claimantKey("IstioMesh", `${name}-mesh`, ComponentType.CanaryApp) };
    claim(
      mesh,
      meshClaims(known.mesh, (given) => given.field("mesh")),
      findings,
    );
  }
  findings.throwIfAny(own.name);
  return { claimant: own, isLate: reach === undefined };
}

/**
 * From where an app can be reached, once its hosts are claimed.
 *
 * @param app The app's name.
 * @param domain The domain of the cluster's Services.
 */
export function claimedReach(
  { claimant: own, isLate }: ClaimingApp,
  app: string,
  args: CanaryAppArgs,
  reach: pulumi.Output<Reach>,
  domain: pulumi.Output<string>,
): pulumi.Output<Reach> {
  if (!isLate) {
    return reach;
  }
  const { hosts, internal, gateway, routes, service, mesh, namespace } = args;
  const parts = { gateway, routes, service, mesh: { gateway: mesh?.gateway, clusterDomain: domain } };
  const claimed = validated(own.name, "", parts, (known, findings) => {
    const rest = { hosts, internal, namespace: namespace?.name ?? app };
    const claims = reachClaims(app, { ...known, ...rest } as ReachParts, known.gateway?.use);
    claimLater(own, claims ?? [], findings);
  });
  return pulumi.all([reach, claimed]).apply(([from]) => from);
}

/** The argument with values that become known later left out. */
function gatewayOf({ gateway }: CanaryAppArgs): GatewayArgs {
  return gateway ?? {};
}
