import * as pulumi from "@pulumi/pulumi";
import { policyWarnings } from "../src/istio/policyWarnings";
import type { Weights } from "../src/istio/weights";
import type { CanaryAppArgs } from "./canaryAppArgs";
import { argumentOf } from "./validated";

/**
 * Tells what is odd about an app's policies, as warnings of the app's resource, once all that it depends on is known.
 */
export function logPolicyWarnings(
  app: pulumi.Resource,
  args: CanaryAppArgs,
  servicePort: pulumi.Output<number>,
  weights: pulumi.Output<Weights>,
): void {
  const own = args.versions.map(({ trafficPolicy }) => trafficPolicy);
  const given = pulumi.all([args.trafficPolicy, own, servicePort, weights, args.sticky]);
  given.apply(async ([trafficPolicy, policies, port, inForce, sticky]) => {
    const versions = args.versions.map(({ name }, index) => ({ name, trafficPolicy: policies[index] }));
    const warnings = policyWarnings({ trafficPolicy, versions, weights: inForce, servicePort: port, sticky });
    const isSecret = await pulumi.isSecret(given);
    const texts = new Set(
      warnings.map(({ path, what }) =>
        isSecret
          ? `${argumentOf("", path)} hardly does what it says; it holds a secret, so nothing more is told`
          : `${path} ${what}`,
      ),
    );
    await Promise.all([...texts].map((text) => pulumi.log.warn(text, app)));
  });
}
