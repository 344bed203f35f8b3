import type { Argument, ArgumentModel, ArgumentType } from "./argumentModel";

/** A part for each type, in Markdown. */
export function sections(model: ArgumentModel): string[] {
  return [...objects(model), ...enums(model)];
}

function objects({ objects: all }: ArgumentModel): string[] {
  return [...all.values()].map(({ name, text, fields }) =>
    [
      `## ${name}`,
      text,
      ["| argument | type | default | meaning |", "| --- | --- | --- | --- |", ...fields.map(row)].join("\n"),
    ].join("\n\n"),
  );
}

function row({ name, required, type, text, defaultText }: Argument): string {
  return `| \`${name}\` | ${typeText(type)} | ${required ? "required" : cell(defaultText ?? "")} | ${cell(text)} |`;
}

function enums({ enums: all }: ArgumentModel): string[] {
  return [...all.values()].map(({ name, text, values }) =>
    [
      `## ${name}`,
      text,
      [
        "| value | meaning |",
        "| --- | --- |",
        ...values.map((each) => `| \`${each.value}\` | ${cell(each.text)} |`),
      ].join("\n"),
    ].join("\n\n"),
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
    case "elsewhere":
      return `[${type.name}](reference.md#${type.name.toLowerCase()})`;
    case "either":
      return type.of.map(typeText).join(" or ");
    case "literal":
      return `\`${type.value}\``;
    case "flag":
      return "true or false";
    case "anything":
      return "any";
    default:
      return type.kind;
  }
}

/** A link to the part about a type. */
export function link(name: string): string {
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
