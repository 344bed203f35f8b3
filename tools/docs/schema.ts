import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { version as installed } from "@pulumi/kubernetes/package.json";
import { Analyzer, type PropertyDefinition } from "@pulumi/pulumi/provider/experimental/analyzer";
import { generateSchema } from "@pulumi/pulumi/provider/experimental/schema";

const ROOT = resolve(__dirname, "../..");

/** The components of the package; each one's arguments are an interface of its name with `Args`. */
export const COMPONENTS = ["CanaryApp", "IstioMesh", "SharedGateway"] as const;

/** Arguments, outputs or fields by name. */
export type Properties = Record<string, PropertyDefinition>;

/** An object, by its properties, or the values that an argument may have. */
export interface SchemaType {
  properties?: Properties;
  enum?: { name: string; value: string; description?: string }[];
}

/** Pulumi's schema of a package, as far as it is read here; resources and types by token. */
export interface Schema {
  resources: Record<string, { inputProperties: Properties; properties: Properties; description?: string }>;
  types: Record<string, SchemaType>;
}

interface PackageManifest {
  name: string;
}

/**
 * What Pulumi infers from the components' sources, as `pulumi package get-schema` would print it; without the package's
 * own version, and with INSTALLED for that of the Kubernetes SDK: the components are the same with each. It takes
 * seconds, because a whole TypeScript program is checked.
 */
export function inferredSchema(): Schema {
  const { name } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as PackageManifest;
  const dependencies = { "@pulumi/kubernetes": installed };
  const analyzer = new Analyzer(join(ROOT, "components"), name, { name, dependencies }, new Set(COMPONENTS));
  const found = analyzer.analyze();
  const { version: _, ...schema } = generateSchema(
    name,
    "",
    "",
    found.components,
    found.typeDefinitions,
    found.dependencies,
  );
  return JSON.parse(JSON.stringify(schema).replaceAll(installed, "INSTALLED")) as Schema;
}

/**
 * Everything that the components' arguments are made of, by the TypeScript type's name: what the components take, e.g.
 * `CanaryAppArgs`, in the order of {@link COMPONENTS}, then the other types in the order in which they are first
 * mentioned.
 */
export function argumentTypes({ resources, types }: Schema): Map<string, SchemaType> {
  const byName = Object.fromEntries(Object.entries(resources).map(([token, each]) => [typeName(token), each]));
  return new Map([
    ...COMPONENTS.map((name): [string, SchemaType] => [`${name}Args`, { properties: byName[name].inputProperties }]),
    ...Object.entries(types).map(([token, type]): [string, SchemaType] => [typeName(token), type]),
  ]);
}

/** The name at the end of a token or a `$ref`, e.g. `PodArgs`; `Any` of Pulumi's own type. */
export function typeName(token: string): string {
  return token.slice(token.search(/\w+$/));
}
