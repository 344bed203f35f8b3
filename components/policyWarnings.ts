import * as pulumi from "@pulumi/pulumi";
import { policyWarnings } from "../traffic/policyWarnings";
import type { Shares } from "../traffic/weights";
import type { CanaryAppArgs } from "./canaryAppArgs";

/** Tells what is odd about an app's policies, as warnings of the app's resource, once all that it depends on is known. */
export function logPolicyWarnings(app: pulumi.Resource, args: CanaryAppArgs, servicePort: pulumi.Output<number>, shares: pulumi.Output<Shares>): void {
  const own = args.versions.map(({ trafficPolicy }) => trafficPolicy);
  pulumi.all([args.trafficPolicy, own, servicePort, shares, args.sticky]).apply(([trafficPolicy, policies, port, split, sticky]) => {
    const versions = args.versions.map(({ name }, index) => ({ name, trafficPolicy: policies[index] }));
    const warnings = policyWarnings({ trafficPolicy, versions, shares: split, servicePort: port, sticky });
    return Promise.all(warnings.map(({ path, what }) => pulumi.log.warn(`${path} ${what}`, app)));
  });
}
