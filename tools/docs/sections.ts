const PRIMITIVES: Readonly<Record<string, string>> = {
  string: "text",
  number: "number",
  boolean: "true or false",
  unknown: "any",
};

/**
 * What a type is called that needs no section.
 *
 * @param type Its name in TypeScript or in Pulumi's schema.
 * @throws Error if arguments are never of this type
 */
export function primitive(type: string): string {
  if (!Object.hasOwn(PRIMITIVES, type)) {
    throw new Error(`an argument is of the type ${type}, which the reference has no word for`);
  }
  return PRIMITIVES[type];
}

/** One argument of an object; its texts are prose, its type is Markdown. */
export interface Argument {
  name: string;
  type: string;
  required: boolean;
  /** What it is if it is left out. */
  default?: string;
  text: string;
}

/** The section about an object of arguments, in Markdown. */
export function objectSection(name: string, text: string, fields: readonly Argument[]): string {
  const rows = fields.map(
    (field) =>
      `| \`${field.name}\` | ${field.type} | ${field.required ? "required" : cell(field.default ?? "")} | ${cell(field.text)} |`,
  );
  return section(name, text, ["| argument | type | default | meaning |", "| --- | --- | --- | --- |", ...rows]);
}

/** The section about the values that an argument may have, in Markdown. */
export function enumSection(name: string, text: string, values: readonly { value: string; text: string }[]): string {
  const rows = values.map((each) => `| \`${each.value}\` | ${cell(each.text)} |`);
  return section(name, text, ["| value | meaning |", "| --- | --- |", ...rows]);
}

function section(name: string, text: string, table: readonly string[]): string {
  return [`## ${name}`, text, table.join("\n")].join("\n\n");
}

/** A link to the section about a type, in this document or another one beside it. */
export function link(name: string, document = ""): string {
  return `[${name}](${document}#${name.toLowerCase()})`;
}

/** A text that is one cell of a table, and in which `*` and `<` stand for themselves. */
function cell(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replace(/[*<]/g, "\\$&")))
    .join("")
    .replaceAll("|", "\\|");
}
