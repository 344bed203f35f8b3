import { type Argument, type ArgumentModel, type ArgumentType, argumentModel } from "./argumentModel";

/** The components, and what they take. */
const COMPONENTS = { CanaryApp: "CanaryAppArgs", IstioMesh: "IstioMeshArgs", SharedGateway: "SharedGatewayArgs" } as const;

/** The reference of all arguments, as Markdown. It is made from the docstrings alone, so that there is one place to change. */
export function reference(): string {
  const model = argumentModel(Object.values(COMPONENTS));
  return `${[introduction(), ...objects(model), ...enums(model)].join("\n\n")}\n`;
}

function introduction(): string {
  const components = Object.entries(COMPONENTS).map(([name, args]) => `- \`new ${name}(name, args)\` takes ${link(args)}.`);
  return [
    "# All arguments",
    "<!-- Made from the docstrings by `npm run docs`; do not edit. -->",
    "Every argument may be a plain value, and most an `Output` of another resource; those that name or make resources must be plain. "
      + "In a stack's config, each argument of `CanaryApp` is the key of its name.",
    components.join("\n"),
  ].join("\n\n");
}

function objects({ objects: all }: ArgumentModel): string[] {
  return [...all.values()].map(({ name, text, fields }) =>
    [`## ${name}`, text, ["| argument | type | default | meaning |", "| --- | --- | --- | --- |", ...fields.map(row)].join("\n")].join("\n\n"),
  );
}

function row({ name, required, type, text, defaultText }: Argument): string {
  return `| \`${name}\` | ${typeText(type)} | ${required ? "required" : cell(defaultText ?? "")} | ${cell(text)} |`;
}

function enums({ enums: all }: ArgumentModel): string[] {
  return [...all.values()].map(({ name, text, values }) =>
    [`## ${name}`, text, ["| value | meaning |", "| --- | --- |", ...values.map((each) => `| \`${each.value}\` | ${cell(each.text)} |`)].join("\n")].join("\n\n"),
  );
}

function typeText(type: ArgumentType): string {
  switch (type.kind) {
    case "list":
      return `list of ${typeText(type.of)}`;
    case "map":
      return `${typeText(type.of)} by name`;
    case "object":
    case "enum":
      return link(type.name);
    case "flag":
      return "true or false";
    case "anything":
      return "any";
    default:
      return type.kind;
  }
}

function link(name: string): string {
  return `[${name}](#${name.toLowerCase()})`;
}

/** A text that is one cell of a table, and in which `*` and `<` stand for themselves. */
function cell(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replace(/[*<]/g, "\\$&")))
    .join("")
    .replaceAll("|", "\\|");
}
