import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { dnsLabel } from "../src/validation/values";
import type { AppContext } from "./appContext";
import { validated } from "./validated";

/** The namespace's name, known once the namespace has the label that injects sidecars. */
export function appNamespace({
  name,
  subject,
  app,
  args,
  component,
  meshed,
}: Pick<AppContext, "name" | "subject" | "app" | "args" | "component" | "meshed">): pulumi.Output<string> {
  const { name: namespace = app, create = true, inject = create, labels: given = {} } = args.namespace ?? {};
  const opts = { parent: component, dependsOn: meshed };
  const injection = injectionLabels(subject, args.mesh?.revision);
  if (!create) {
    const patch =
      inject && new k8s.core.v1.NamespacePatch(name, { metadata: { name: namespace, labels: injection } }, opts);
    return patch ? (patch.metadata.name as pulumi.Output<string>) : pulumi.output(namespace);
  }
  const labels = pulumi
    .all([inject ? injection : {}, given])
    .apply(([ours, others]): Record<string, string> => ({ ...others, ...ours }));
  return new k8s.core.v1.Namespace(name, { metadata: { name: namespace, labels } }, opts).metadata.name;
}

/** The label that injects sidecars. Only one of the two: `istio-injection` would win over a revision. */
function injectionLabels(subject: string, revision?: pulumi.Input<string>): pulumi.Output<Record<string, string>> {
  const checked = revision === undefined ? undefined : validated(subject, "mesh.revision", revision, dnsLabel());
  return pulumi
    .output(checked)
    .apply((given): Record<string, string> =>
      given === undefined ? { "istio-injection": "enabled" } : { "istio.io/rev": given },
    );
}
