import * as pulumi from "@pulumi/pulumi";
import { dependenciesOf } from "../src/internal/pulumiSdk/dependencies";

/**
 * A value that stays unknown in a preview until a resource that it was computed from has been created. For such a
 * resource, Pulumi's Kubernetes provider reports what the API server's dry run made up, e.g. its `uid`, a Service's
 * `clusterIP` and `nodePort`; without access to a cluster, they are undefined. Neither is the final value.
 */
export function onceCreated<T>(given: pulumi.Output<T>): pulumi.Output<T> {
  if (!pulumi.runtime.isDryRun()) {
    return given;
  }
  const ids = dependenciesOf(given).then((resources) => [...resources].flatMap(idOf));
  return pulumi.output(ids).apply(() => given) as pulumi.Output<T>;
}

/** The ID of a resource, which is unknown until it is created. A component has none. */
function idOf(resource: pulumi.Resource): pulumi.Output<string>[] {
  return pulumi.CustomResource.isInstance(resource) && pulumi.Output.isInstance(resource.id) ? [resource.id] : [];
}
