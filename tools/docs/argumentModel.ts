import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

/** The type of an argument; inputs are told as what they become. */
export type ArgumentType =
  | { kind: "text" | "number" | "flag" | "anything" }
  | { kind: "list" | "map"; of: ArgumentType }
  | { kind: "object" | "enum"; name: string }
  /** Described in another document. */
  | { kind: "elsewhere"; name: string }
  | { kind: "either"; of: readonly ArgumentType[] }
  /** One text and no other. */
  | { kind: "literal"; value: string };

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

const ROOT = resolve(__dirname, "../..");

/** The folders whose types are public. */
const FOLDERS = ["components", "src/istio", "src/workload"];

/**
 * What can be given to components, read from the sources' types and docstrings.
 *
 * @param roots The components' arguments, e.g. `CanaryAppArgs`.
 * @param folders The folders whose types are described, where they are not those of the components: theirs are only
 *   named then.
 * @throws Error for a type that is none of the library's own, or that no docstring explains.
 */
export function argumentModel(roots: readonly string[], folders?: readonly string[]): ArgumentModel {
  const declared = declarations(folders);
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
  aliases: Map<string, ts.TypeNode>;
  /** Of interfaces of which only some fields are arguments. */
  picked: Map<string, readonly string[]>;
  /** Types that another document describes. */
  elsewhere: ReadonlySet<string>;
}

function declarations(only?: readonly string[]): Declarations {
  const elsewhere = only === undefined ? new Set<string>() : new Set(declarations().interfaces.keys());
  const found: Declarations = {
    interfaces: new Map(),
    constants: new Map(),
    aliases: new Map(),
    picked: new Map(),
    elsewhere,
  };
  for (const folder of only ?? FOLDERS) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .sort()) {
      const path = join(ROOT, folder, file);
      for (const node of ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true)
        .statements) {
        if (ts.isInterfaceDeclaration(node)) {
          found.interfaces.set(node.name.text, node);
        } else if (ts.isTypeAliasDeclaration(node)) {
          found.aliases.set(node.name.text, node.type);
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
  const picked = declared.picked.get(node.name.text);
  const own = node.members
    .filter(ts.isPropertySignature)
    .filter((member) => picked?.includes(member.name.getText()) ?? true)
    .map((member) => {
      const name = member.name.getText();
      const where = `${node.name.text}.${name}`;
      const type = typeOf(member.type as ts.TypeNode, where, declared);
      const { text, defaultText } =
        type.kind === "literal"
          ? { text: "Which kind it is.", defaultText: undefined }
          : split(textOf(member, where), member);
      const required = member.questionToken === undefined;
      return { name, required, type, text, defaultText: withConstants(defaultText, declared) };
    });
  const parents = (node.heritageClauses ?? []).flatMap(({ types }) =>
    types.map(({ expression }) => declared.interfaces.get(expression.getText())),
  );
  const inherited = parents.flatMap((parent) => (parent === undefined ? [] : fieldsOf(parent, declared)));
  return [...own, ...inherited.filter(({ name }) => own.every((field) => field.name !== name))];
}

const PRIMITIVES: Readonly<Record<string, ArgumentType>> = {
  string: { kind: "text" },
  unknown: { kind: "anything" },
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
    if (name === "Plain" || name === "Exclude" || name === "Readonly") {
      return typeOf(first, where, declared);
    }
    if (name === "Pick") {
      declared.picked.set(
        first.getText(),
        [...second.getText().matchAll(/"(\w+)"/g)].map(([, field]) => field),
      );
      return typeOf(first, where, declared);
    }
    if (name.includes(".")) {
      return { kind: "anything" }; // another package's
    }
    if (declared.elsewhere.has(name)) {
      return { kind: "elsewhere", name };
    }
    const alias = declared.aliases.get(name);
    if (alias !== undefined && !declared.constants.has(name)) {
      return typeOf(alias, where, declared);
    }
    return { kind: declared.interfaces.has(name) ? "object" : "enum", name };
  }
  if (ts.isUnionTypeNode(node)) {
    return { kind: "either", of: node.types.map((each) => typeOf(each, where, declared)) };
  }
  if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) {
    return typeOf(node.type, where, declared);
  }
  if (ts.isParenthesizedTypeNode(node)) {
    return typeOf(node.type, where, declared);
  }
  if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) {
    return { kind: "literal", value: node.literal.text };
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

/** The types that are to be described because of this one. */
function mentioned(type: ArgumentType): string[] {
  switch (type.kind) {
    case "object":
    case "enum":
      return [type.name];
    case "list":
    case "map":
      return mentioned(type.of);
    case "either":
      return type.of.flatMap(mentioned);
    default:
      return [];
  }
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
  const parts =
    typeof comment === "string"
      ? [comment]
      : (comment ?? []).map((part) =>
          "name" in part && part.name !== undefined ? `\`${part.name.getText()}${part.text}\`` : part.text,
        );
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
