import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import { type Check, entries, exactlyOneOf, list, required, shape } from "../validation/shape";
import { flag, pattern, text } from "../validation/values";
import { objectName } from "./metadata";

/** An environment variable whose value is a key of a Secret or ConfigMap in the app's namespace. */
export interface EnvironmentReferenceArgs {
  /** The variable's name. Container `env[].name`. */
  name: Input<string>;
  /** The Secret's name. Set this or `configMap`. Container `env[].valueFrom.secretKeyRef.name`. */
  secret?: Input<string>;
  /** The ConfigMap's name. Set this or `secret`. Container `env[].valueFrom.configMapKeyRef.name`. */
  configMap?: Input<string>;
  /** The key in it. Container `env[].valueFrom.….key`. */
  key: Input<string>;
  /**
   * Whether pods start without the variable if the object or key does not exist. Container
   * `env[].valueFrom.….optional`.
   * @default false
   */
  optional?: Input<boolean>;
}

/** The valid names of environment variables. */
export const VARIABLE = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const variableName = pattern(VARIABLE, "a name of letters, digits, '_', '-' and '.' that starts with no digit");

const value: Check = (given, findings) => {
  if (typeof given !== "string") {
    findings.add("is not a string", "a string is needed: put numbers and booleans in quotes");
  }
};

/** The check of variables by name. */
export const environmentCheck: Check = entries("an object of texts by variable names", value, variableName);

/** The check of variables that come from Secrets and ConfigMaps. */
export const environmentReferencesCheck: Check = list(
  shape<Plain<EnvironmentReferenceArgs>>(
    {
      name: required(variableName, "a variable's name"),
      secret: objectName,
      configMap: objectName,
      key: required(text("a key"), "a key"),
      optional: flag,
    },
    exactlyOneOf("secret", "configMap"),
  ),
  "a list of variables from Secrets and ConfigMaps",
);

/** Kubernetes' `EnvVar`s: plain values first, sorted by name, so that their order in a config makes no difference. */
export function renderEnvironment(
  plain: Readonly<Record<string, string>> = {},
  references: readonly Plain<EnvironmentReferenceArgs>[] = [],
): object[] {
  const values = Object.entries(plain).sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    ...values.map(([name, given]) => ({ name, value: given })),
    ...references.map(({ name, secret, configMap, ...key }) => ({
      name,
      valueFrom:
        secret === undefined
          ? { configMapKeyRef: { name: configMap, ...key } }
          : { secretKeyRef: { name: secret, ...key } },
    })),
  ];
}
