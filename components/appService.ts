import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { port as portCheck } from "../src/validation/values";
import { service } from "../src/workload/kubernetesObjects";
import type { AppContext } from "./appContext";
import type { AppVersion } from "./appVersion";
import { type CanaryAppArgs, DEFAULTS } from "./canaryAppArgs";
import { portWarnings } from "./portWarnings";
import { isPortNamed, servedPort } from "./servedPort";
import { validated } from "./validated";

/** A port of an app's Service, or its default. */
export function servicePort(
  subject: string,
  { service: given }: CanaryAppArgs,
  port: "port" | "targetPort",
): pulumi.Output<number> {
  return validated(subject, `service.${port}`, given?.[port] ?? DEFAULTS[port], portCheck);
}

/** Registers the Service that stands for all versions. */
export function appService(
  { name, app, args, component, metadata, port, awaited }: AppContext,
  targetPort: pulumi.Output<number>,
  versions: readonly AppVersion[],
): k8s.core.v1.Service {
  const spec = pulumi
    .all([port, servedPort(args, targetPort)])
    .apply(([from, to]) => service(app, from, to, args.service?.protocol));
  // Pods become its endpoints later, so waiting for one here would wait for ever.
  const annotations = { "pulumi.com/skipAwait": "true" };
  // Where it goes from the port's number to its name, those that have no such name are replaced first.
  const named = isPortNamed(args) ? versions.flatMap(({ awaited: before }) => before) : [];
  const hooks = engineTakesHooks() ? { beforeUpdate: [portWarnings(name, component)] } : undefined;
  return new k8s.core.v1.Service(
    name,
    { metadata: { ...metadata, annotations }, spec },
    { parent: component, dependsOn: [...awaited, ...named], hooks },
  );
}
