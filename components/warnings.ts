import * as pulumi from "@pulumi/pulumi";
import { policyWarnings } from "../src/istio/policyWarnings";
import type { Warning } from "../src/istio/warning";
import type { Weights } from "../src/istio/weights";
import type { AppContext } from "./appContext";
import { argumentOf } from "./validated";

/**
 * Tells what is odd about an app's policies and ports, as warnings of the app's resource, once all that it depends on
 * is known.
 *
 * @param unrouted The ports that nobody's requests are routed to.
 */
export function logWarnings(
  { component, args, ports }: AppContext,
  unrouted: pulumi.Output<Warning[]>,
  weights: pulumi.Output<Weights>,
): void {
  const own = args.versions.map(({ trafficPolicy }) => trafficPolicy);
  const policies = pulumi
    .all([args.trafficPolicy, own, ports, weights, args.sticky])
    .apply(([trafficPolicy, each, all, inForce, sticky]) => {
      const versions = args.versions.map(({ name }, index) => ({ name, trafficPolicy: each[index] }));
      const servicePorts = all.map(({ port }) => port);
      return policyWarnings({ trafficPolicy, versions, weights: inForce, servicePorts, sticky });
    });
  log(component, policies);
  log(component, unrouted);
}

function log(app: pulumi.Resource, warnings: pulumi.Output<Warning[]>): void {
  warnings.apply(async (known) => {
    const isSecret = await pulumi.isSecret(warnings);
    const texts = new Set(
      known.map(({ path, what }) =>
        isSecret
          ? `${argumentOf("", path)} hardly does what it says; it holds a secret, so nothing more is told`
          : `${path} ${what}`,
      ),
    );
    await Promise.all([...texts].map((text) => pulumi.log.warn(text, app)));
  });
}
