import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

const ROOT = resolve(__dirname, "../..");

/** What the sources in some folders declare, by name. */
export interface Declarations {
  interfaces: ReadonlyMap<string, ts.InterfaceDeclaration>;
  constants: ReadonlyMap<string, ts.VariableStatement>;
  aliases: ReadonlyMap<string, ts.TypeNode>;
}

/**
 * The declarations in all sources of these folders, and of the folders in them.
 *
 * @param folders Relative to the repository, e.g. `src/istio`.
 */
export function declarationsIn(folders: readonly string[]): Declarations {
  const interfaces = new Map<string, ts.InterfaceDeclaration>();
  const constants = new Map<string, ts.VariableStatement>();
  const aliases = new Map<string, ts.TypeNode>();
  for (const path of folders.flatMap(sourcesIn)) {
    const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
    for (const node of source.statements) {
      if (ts.isInterfaceDeclaration(node)) {
        interfaces.set(node.name.text, node);
      } else if (ts.isTypeAliasDeclaration(node)) {
        aliases.set(node.name.text, node.type);
      } else if (ts.isVariableStatement(node)) {
        constants.set(node.declarationList.declarations[0].name.getText(), node);
      }
    }
  }
  return { interfaces, constants, aliases };
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => join(ROOT, folder, name));
}

/** @throws Error if nothing is declared by that name */
export function declaredAs<T>(name: string, declared: ReadonlyMap<string, T>): T {
  const found = declared.get(name);
  if (found === undefined) {
    throw new Error(`${name} is declared in none of the folders that are read`);
  }
  return found;
}

/** The fields of an interface, then those that it has only from what it extends. */
export function fieldsOf(node: ts.InterfaceDeclaration, declared: Declarations): ts.PropertySignature[] {
  const parents = (node.heritageClauses ?? []).flatMap(({ types }) =>
    types.map(({ expression }) => declared.interfaces.get(expression.getText())),
  );
  const own = node.members.filter(ts.isPropertySignature);
  const inherited = parents.flatMap((parent) => (parent === undefined ? [] : fieldsOf(parent, declared)));
  const all = [
    ...own,
    ...inherited.filter(({ name }) => own.every((field) => field.name.getText() !== name.getText())),
  ];
  // What is taken over, but is not to be set here.
  return all.filter(({ type }) => type?.kind !== ts.SyntaxKind.NeverKeyword);
}

/**
 * What the docstring of a declaration says, without its tags.
 *
 * @throws Error if it says nothing
 */
export function textOf(node: ts.Node, name: string): string {
  const text = plain(ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1)?.comment);
  if (text === "") {
    throw new Error(`${name} has no docstring`);
  }
  return text;
}

/**
 * What a field is if it is left out, by its docstring's `@default`, with the values of constants that it links to.
 *
 * @throws Error if a sentence follows the default: Pulumi's schema, and with it every other language, would lose it
 */
export function defaultOf(field: ts.PropertySignature, { constants }: Declarations): string | undefined {
  const tag = ts.getJSDocTags(field).find(({ tagName }) => tagName.text === "default");
  if (tag === undefined) {
    return undefined;
  }
  const text = plain(tag.comment);
  if (/\.( [A-Z]|$)/.test(text)) {
    const name = `${(field.parent as ts.InterfaceDeclaration).name.text}.${field.name.getText()}`;
    throw new Error(`the docstring of ${name} goes on after "@default ${text}": end it with the default`);
  }
  return text.replace(/`(\w+)`/g, (whole, name) => {
    const value = constants.get(name)?.declarationList.declarations[0].initializer;
    return value !== undefined && ts.isStringLiteral(value) ? value.getText() : whole;
  });
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
