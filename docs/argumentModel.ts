import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

/** The type of an argument; inputs are told as what they become. */
export type ArgumentType =
  | { kind: "text" | "number" | "flag" | "anything" }
  | { kind: "list" | "map"; of: ArgumentType }
  | { kind: "object" | "enum"; name: string };

/** One argument. */
export interface Argument {
  name: string;
  required: boolean;
  type: ArgumentType;
  /** Its docstring, without its tags. */
  text: string;
  /** What its tag `@default` says. */
  defaultText?: string;
}

/** An object of arguments. */
export interface ArgumentsModel {
  name: string;
  text: string;
  fields: Argument[];
}

/** The texts that an argument may be. */
export interface EnumModel {
  name: string;
  text: string;
  values: { value: string; text: string }[];
}

/** All arguments that a component takes, directly or deeper. */
export interface ArgumentModel {
  /** By name, the component's own first, then in the order in which they are first mentioned. */
  objects: ReadonlyMap<string, ArgumentsModel>;
  /** By name, in the same order. */
  enums: ReadonlyMap<string, EnumModel>;
}

const ROOT = resolve(__dirname, "..");

/** The folders whose types are public. */
const FOLDERS = ["components", "traffic", "workload"];

/**
 * What can be given to components, read from the sources' types and docstrings.
 *
 * @param roots The components' arguments, e.g. `CanaryAppArgs`.
 * @throws Error for a type that is none of the library's own, or that no docstring explains.
 */
export function argumentModel(roots: readonly string[]): ArgumentModel {
  const declared = declarations();
  const objects = new Map<string, ArgumentsModel>();
  const enums = new Map<string, EnumModel>();
  const visit = (name: string): void => {
    const node = declared.interfaces.get(name);
    const constant = declared.constants.get(name);
    if (objects.has(name) || enums.has(name)) {
      return;
    }
    if (node === undefined && constant !== undefined) {
      enums.set(name, enumOf(name, constant));
      return;
    }
    if (node === undefined) {
      throw new Error(`${name} is no type of the library's own`);
    }
    const fields = fieldsOf(node, declared);
    objects.set(name, { name, text: textOf(node, name), fields });
    fields.forEach(({ type }) => mentioned(type).forEach(visit));
  };
  roots.forEach(visit);
  return { objects, enums };
}

interface Declarations {
  interfaces: Map<string, ts.InterfaceDeclaration>;
  constants: Map<string, ts.VariableStatement>;
}

function declarations(): Declarations {
  const found: Declarations = { interfaces: new Map(), constants: new Map() };
  for (const folder of FOLDERS) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts")).sort()) {
      const path = join(ROOT, folder, file);
      for (const node of ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true).statements) {
        if (ts.isInterfaceDeclaration(node)) {
          found.interfaces.set(node.name.text, node);
        } else if (ts.isVariableStatement(node)) {
          found.constants.set(node.declarationList.declarations[0].name.getText(), node);
        }
      }
    }
  }
  return found;
}

/** With the fields of what it extends, which come after its own. */
function fieldsOf(node: ts.InterfaceDeclaration, declared: Declarations): Argument[] {
  const own = node.members.filter(ts.isPropertySignature).map((member) => {
    const name = member.name.getText();
    const where = `${node.name.text}.${name}`;
    const { text, defaultText } = split(textOf(member, where), member);
    const required = member.questionToken === undefined;
    return { name, required, type: typeOf(member.type as ts.TypeNode, where, declared), text, defaultText: withConstants(defaultText, declared) };
  });
  const parents = (node.heritageClauses ?? []).flatMap(({ types }) => types.map(({ expression }) => declared.interfaces.get(expression.getText())));
  return [...own, ...parents.flatMap((parent) => (parent === undefined ? [] : fieldsOf(parent, declared)))];
}

const PRIMITIVES: Readonly<Record<string, ArgumentType>> = {
  string: { kind: "text" },
  number: { kind: "number" },
  boolean: { kind: "flag" },
  any: { kind: "anything" },
};

function typeOf(node: ts.TypeNode, where: string, declared: Declarations): ArgumentType {
  if (ts.isArrayTypeNode(node)) {
    return { kind: "list", of: typeOf(node.elementType, where, declared) };
  }
  if (ts.isTypeReferenceNode(node)) {
    const name = node.typeName.getText().replace(/^pulumi\./, "");
    const [first, second] = node.typeArguments ?? [];
    if (name === "Input") {
      return typeOf(first, where, declared);
    }
    if (name === "Record") {
      return { kind: "map", of: typeOf(second, where, declared) };
    }
    if (name.includes(".")) {
      return { kind: "anything" }; // another package's
    }
    return { kind: declared.interfaces.has(name) ? "object" : "enum", name };
  }
  const primitive = PRIMITIVES[node.getText()];
  if (primitive === undefined) {
    throw new Error(`${where}: arguments cannot be ${node.getText()}`);
  }
  return primitive;
}

/** The text with the values of constants in place of their names. */
function withConstants(text: string | undefined, declared: Declarations): string | undefined {
  return text?.replace(/`(\w+)`/g, (whole, name) => {
    const value = declared.constants.get(name)?.declarationList.declarations[0].initializer;
    return value !== undefined && ts.isStringLiteral(value) ? value.getText() : whole;
  });
}

function mentioned(type: ArgumentType): string[] {
  return "name" in type ? [type.name] : "of" in type ? mentioned(type.of) : [];
}

function enumOf(name: string, statement: ts.VariableStatement): EnumModel {
  let { initializer } = statement.declarationList.declarations[0];
  while (initializer !== undefined && (ts.isAsExpression(initializer) || ts.isSatisfiesExpression(initializer))) {
    initializer = initializer.expression;
  }
  if (initializer === undefined || !ts.isObjectLiteralExpression(initializer)) {
    throw new Error(`${name} is no object of texts`);
  }
  const values = initializer.properties.filter(ts.isPropertyAssignment).map((property) => ({
    value: (property.initializer as ts.StringLiteral).text,
    text: textOf(property, `${name}.${property.name.getText()}`),
  }));
  return { name, text: textOf(statement, name), values };
}

function textOf(node: ts.Node, what: string): string {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  const text = plain(comment?.comment);
  if (text === "") {
    throw new Error(`${what} has no docstring`);
  }
  return text;
}

function plain(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  const parts = typeof comment === "string" ? [comment] : (comment ?? []).map((part) => ("name" in part && part.name !== undefined ? `\`${part.name.getText()}${part.text}\`` : part.text));
  return parts.join("").replace(/\s+/g, " ").trim();
}

/** What follows the default in its tag, as a sentence of its own, belongs to the text. */
function split(text: string, node: ts.Node): { text: string; defaultText?: string } {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === "default");
  if (tag === undefined) {
    return { text };
  }
  const [, defaultText, rest] = /^(.*?)(?:\.\s+(?=[A-Z])(.*)|\.?)$/.exec(plain(tag.comment)) as RegExpExecArray;
  return { text: rest === undefined ? text : `${text} ${rest}`, defaultText };
}
