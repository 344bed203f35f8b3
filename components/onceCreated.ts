import * as pulumi from "@pulumi/pulumi";
import { dependenciesOf } from "../src/internal/pulumiSdk/dependencies";

/**
 * A value that is unknown in a preview as long as a resource that it was computed from is still to be created. Pulumi's
 * Kubernetes provider tells what the API server's dry run made up for such a resource, e.g. its `uid`, a Service's
 * `clusterIP` and `nodePort`; where it reaches no cluster, they are undefined. Neither is what they will be.
 */
export function onceCreated<T>(given: pulumi.Output<T>): pulumi.Output<T> {
  if (!pulumi.runtime.isDryRun()) {
    return given;
  }
  const ids = dependenciesOf(given).then((resources) => [...resources].flatMap(idOf));
  return pulumi.output(ids).apply(() => given) as pulumi.Output<T>;
}

/** The ID of a resource, which is unknown until it is created; a component has none. */
function idOf(resource: pulumi.Resource): pulumi.Output<string>[] {
  return pulumi.CustomResource.isInstance(resource) && pulumi.Output.isInstance(resource.id) ? [resource.id] : [];
}
