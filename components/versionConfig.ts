import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  type ConfigSources,
  type VersionConfigArgs,
  configMapName,
  isEnvironment,
  secretName,
  versionConfigCheck,
} from "../src/workload/versionConfig";
import { onceCreated } from "./onceCreated";
import { validated } from "./validated";

/** The version that a config belongs to. */
export interface VersionConfigOwner {
  /** The start of its resources' names. */
  name: string;
  /** The owner of the arguments, for messages. */
  subject: string;
  /** The metadata of the version's objects. */
  metadata: { name: string; namespace: pulumi.Input<string>; labels: Record<string, string> };
  component: pulumi.Resource;
}

/**
 * Registers the objects of a version's config. Their names are derived from their content, so that a change creates new
 * objects, and the old ones are deleted when no pod refers to them any more.
 * @returns Where pods find the config, once the objects exist.
 */
export function versionConfig(
  { name, subject, metadata, component }: VersionConfigOwner,
  given: VersionConfigArgs,
): pulumi.Output<ConfigSources> {
  const { data, secrets } = given;
  // In a preview, names derived from values that are not final would differ from those of the update.
  const checked = onceCreated(validated(subject, "config", given, versionConfigCheck));
  const opts = { parent: component };
  const configMap =
    data === undefined
      ? undefined
      : new k8s.core.v1.ConfigMap(
          `${name}-config`,
          {
            metadata: {
              ...metadata,
              name: pulumi.unsecret(
                checked.apply(({ data: texts = {} }) => configMapName(`${metadata.name}-config`, texts)),
              ),
            },
            data: notSecret(
              subject,
              data,
              checked.apply((known) => known.data ?? {}),
            ),
            immutable: true,
          },
          opts,
        );
  const secret =
    secrets === undefined
      ? undefined
      : new k8s.core.v1.Secret(
          `${name}-secrets`,
          {
            metadata: {
              ...metadata,
              name: pulumi.unsecret(
                checked.apply(({ secrets: texts = {} }) => secretName(`${metadata.name}-secrets`, texts)),
              ),
            },
            stringData: pulumi.secret(checked.apply((known) => known.secrets ?? {})),
            immutable: true,
          },
          opts,
        );
  const uses = pulumi.unsecret(
    checked.apply((known) => ({ mountPath: known.mountPath, environment: isEnvironment(known) })),
  );
  return pulumi
    .all([configMap?.metadata.name, secret?.metadata.name, uses])
    .apply(([ofMap, ofSecret, { mountPath, environment }]) => ({
      configMap: ofMap,
      secret: ofSecret,
      mountPath,
      environment,
    }));
}

/** Fails if a text is a secret: everyone who may read ConfigMaps could read it. */
function notSecret(
  subject: string,
  data: VersionConfigArgs["data"],
  texts: pulumi.Output<Record<string, string>>,
): pulumi.Output<Record<string, string>> {
  const given = pulumi.output(data);
  return pulumi.unsecret(texts).apply(async (known): Promise<Record<string, string>> => {
    if (await pulumi.isSecret(given)) {
      throw new Error(`${subject}: config.data holds a secret; a ConfigMap keeps none: put it into config.secrets`);
    }
    return known;
  });
}
