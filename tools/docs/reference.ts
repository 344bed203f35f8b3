import type { PropertyDefinition } from "@pulumi/pulumi/provider/experimental/analyzer";
import { type Declarations, declarationsIn, declaredAs, defaultOf, fieldsOf, textOf } from "./docstrings";
import { COMPONENTS, type Properties, type Schema, type SchemaType, argumentTypes, typeName } from "./schema";
import { type Argument, enumSection, link, objectSection, primitive } from "./sections";

/** The folders that declare the types of the components' arguments. */
const FOLDERS = ["components", "src/istio", "src/workload"];

/**
 * The reference of all arguments, as Markdown. What arguments there are, of which types and with which meaning, is from
 * Pulumi's schema. What the schema leaves out is read from the sources: defaults, and what a type as a whole is about.
 *
 * @throws Error for a type without a docstring
 */
export function reference(schema: Schema): string {
  const declared = declarationsIn(FOLDERS);
  const types = [...argumentTypes(schema)];
  const objects = types.flatMap(([name, { properties }]) =>
    properties === undefined ? [] : [objectOf(name, properties, declared)],
  );
  const enums = types.flatMap(([name, { enum: values }]) =>
    values === undefined ? [] : [enumOf(name, values, declared)],
  );
  return `${[introduction(), ...objects, ...enums].join("\n\n")}\n`;
}

function introduction(): string {
  const components = COMPONENTS.map((name) => `- \`new ${name}(name, args)\` takes ${link(`${name}Args`)}.`);
  return [
    "# All arguments",
    "<!-- Made from the docstrings by `npm run docs`; do not edit. -->",
    "Every argument may be a plain value, and an `Output` of another resource, too, unless its type says plain. A list or an object " +
      "that has to be plain can hold Outputs where the types in it allow them. " +
      "In a stack's config, each argument of `CanaryApp` is the key of its name.",
    components.join("\n"),
  ].join("\n\n");
}

function objectOf(name: string, properties: Properties, declared: Declarations): string {
  const node = declaredAs(name, declared.interfaces);
  const declarations = new Map(fieldsOf(node, declared).map((field) => [field.name.getText(), field]));
  const fields = Object.entries(properties).map(([field, definition]): Argument => ({
    name: field,
    type: definition.plain === true ? `${typeText(definition)}, plain` : typeText(definition),
    required: definition.optional !== true,
    default: defaultOf(declaredAs(field, declarations), declared),
    text: oneLine(definition.description),
  }));
  return objectSection(name, textOf(node, name), fields);
}

function enumOf(name: string, values: NonNullable<SchemaType["enum"]>, declared: Declarations): string {
  const rows = values.map(({ value, description }) => ({ value, text: oneLine(description) }));
  return enumSection(name, textOf(declaredAs(name, declared.constants), name), rows);
}

function typeText(definition: PropertyDefinition): string {
  if ("$ref" in definition) {
    const name = typeName(definition.$ref);
    return name === "Any" ? "any" : link(name);
  }
  const { type, items, additionalProperties } = definition;
  if (items !== undefined) {
    return `list of ${typeText(items)}`;
  }
  return additionalProperties === undefined ? primitive(type) : `${typeText(additionalProperties)} by name`;
}

function oneLine(text = ""): string {
  return text.replace(/\s+/g, " ").trim();
}
