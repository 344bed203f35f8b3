import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { type AppPort, appPorts, serviceCheck } from "../src/istio/servicePorts";
import { service } from "../src/workload/kubernetesObjects";
import type { AppContext } from "./appContext";
import type { AppVersion } from "./appVersion";
import type { CanaryAppArgs } from "./canaryAppArgs";
import { portWarnings } from "./portWarnings";
import { arePortsNamed, servedPorts } from "./servedPorts";
import { validated } from "./validated";

/** The ports of an app, with their defaults. */
export function servicePorts(subject: string, { service: given = {} }: CanaryAppArgs): pulumi.Output<AppPort[]> {
  return validated(subject, "service", given, serviceCheck).apply(appPorts);
}

/** Registers the Service that represents all versions. */
export function appService(
  { name, app, args, component, metadata, ports, awaited }: AppContext,
  versions: readonly AppVersion[],
): k8s.core.v1.Service {
  const spec = ports.apply((given) => service(app, servedPorts(args, given)));
  // Pods become its endpoints later, so waiting for one here would never end.
  const annotations = { "pulumi.com/skipAwait": "true" };
  // When it changes from a port's number to its name, pods without such a port name are replaced first.
  const named = arePortsNamed(args) ? versions.flatMap(({ awaited: before }) => before) : [];
  const isList = args.service?.ports !== undefined;
  const hooks = engineTakesHooks() ? { beforeUpdate: [portWarnings(name, component, isList)] } : undefined;
  return new k8s.core.v1.Service(
    name,
    { metadata: { ...metadata, annotations }, spec },
    { parent: component, dependsOn: [...awaited, ...named], hooks },
  );
}
