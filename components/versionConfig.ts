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
 *
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
  const object = (
    ending: string,
    nameOf: typeof configMapName,
    textsOf: (config: pulumi.Unwrap<typeof checked>) => Record<string, string> | undefined,
  ) => ({
    metadata: {
      ...metadata,
      name: pulumi.unsecret(checked.apply((known) => nameOf(`${metadata.name}-${ending}`, textsOf(known) ?? {}))),
    },
    immutable: true,
  });
  const configMap =
    data === undefined
      ? undefined
      : new k8s.core.v1.ConfigMap(
          `${name}-config`,
          {
            ...object("config", configMapName, (known) => known.data),
            data: notSecret(
              subject,
              data,
              checked.apply((known) => known.data ?? {}),
            ),
          },
          opts,
        );
  const secret =
    secrets === undefined
      ? undefined
      : new k8s.core.v1.Secret(
          `${name}-secrets`,
          {
            ...object("secrets", secretName, (known) => known.secrets),
            stringData: pulumi.secret(checked.apply((known) => known.secrets ?? {})),
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
      throw new Error(
        `${subject}: config.data contains a secret, which a ConfigMap would not protect: put it into config.secrets`,
      );
    }
    return known;
  });
}
