import { isDeepStrictEqual } from "node:util";
import { CST, Document, type ParsedNode, Scalar, isMap, isScalar, isSeq, parseDocument, visit } from "yaml";
import { isObject } from "../internal/objects";
import { UNKNOWN } from "../validation/unknown";
import { hasForbidden, PulumiYaml, YamlError } from "./pulumiYaml";
import { plainScalar } from "./yamlScalars";

/** A part of a text: from here, up to there. */
export type Region = readonly [from: number, to: number];

/** A part of a text that becomes another. */
export interface Edit {
  region: Region;
  text: string;
}

/** Other readers of the file have these: a text that one of them, or Pulumi, reads as something else gets quotes. */
const SCHEMAS = ["yaml-1.1", "core"] as const;

/** What stands after a key's colon, on the same line. `json` for where only JSON may stand. */
export function inlineValue(value: unknown, json = false): string {
  const text = json ? JSON.stringify(value) : yamlOf(value, "flow");
  return ` ${escapedText(text.includes("\n") ? JSON.stringify(value) : text)}`;
}

/** What stands after the colon of a key in this column, on lines of its own if the value has parts. */
export function blockValue(value: unknown, column: number, eol: string): string {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) {
    return inlineValue(value);
  }
  const lines = escapedText(yamlOf(value, "any")).split("\n");
  return lines.map((line) => `${eol}${" ".repeat(column + 2)}${line}`).join("");
}

function yamlOf(value: unknown, collectionStyle: "any" | "flow"): string {
  const document = new Document(value, { schema: SCHEMAS[0], aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && (plainScalar(node.value).kind !== "text" || hasForbidden(node.value))) {
        node.type = Scalar.QUOTE_DOUBLE;
      }
    },
  });
  return document.toString({ lineWidth: 0, blockQuote: false, collectionStyle }).trimEnd();
}

/** What may not stand in a file is in double quotes, where it can be escaped. */
function escapedText(text: string): string {
  return hasForbidden(text)
    ? Array.from(text, (character) => (hasForbidden(character) ? unicodeEscape(character) : character)).join("")
    : text;
}

/** One that JSON knows, too. */
function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A node's value as data; what Pulumi has encrypted, also deep within, is `UNKNOWN`. */
export function dataIn(node: ParsedNode | null, document: Parameters<ParsedNode["toJS"]>[0]): unknown {
  return withoutSecrets(node === null ? null : node.toJS(document));
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutSecrets);
  }
  if (!isObject(value)) {
    return value;
  }
  const entries = Object.entries(value);
  const secret = entries.length === 1 && entries[0][0] === "secure" && typeof entries[0][1] === "string";
  return secret ? UNKNOWN : Object.fromEntries(entries.map(([name, each]) => [name, withoutSecrets(each)]));
}

/** The data of what stands after a key's colon, on the config's top level; undefined if that says nothing by itself. */
export function dataOfSpelling(spelling: string): unknown {
  try {
    const { document } = new PulumiYaml(`key:${spelling}`);
    return isMap(document.contents)
      ? topLevel(dataIn(document.contents.items[0].value as ParsedNode | null, document))
      : undefined;
  } catch (error) {
    if (error instanceof YamlError || error instanceof ReferenceError) {
      return undefined; // as where it refers to an anchor that stands elsewhere
    }
    throw error;
  }
}

/** A value on the config's top level, where nothing at all is an empty text. */
export function topLevel(data: unknown): unknown {
  return data ?? "";
}

/**
 * The edits that give a node another value where only scalars differ; undefined if that is not all.
 *
 * @param inFlow Whether it stands in brackets or braces.
 */
export function scalarEdits(node: ParsedNode | null, value: unknown, inFlow: boolean): Edit[] | undefined {
  if (isMap(node)) {
    const fields = isObject(value) ? value : {};
    const names = node.items.map(({ key }) => (isScalar(key) ? String(key.value) : undefined));
    return names.length > 0 && isDeepStrictEqual(new Set<unknown>(names), new Set<unknown>(Object.keys(fields)))
      ? together(
          node.items.map((pair, index) =>
            scalarEdits(pair.value as ParsedNode | null, fields[names[index] as string], inFlow || node.flow === true),
          ),
        )
      : undefined;
  }
  if (isSeq(node)) {
    return Array.isArray(value) && value.length === node.items.length
      ? together(
          node.items.map((item, index) =>
            scalarEdits(item as ParsedNode | null, value[index], inFlow || node.flow === true),
          ),
        )
      : undefined;
  }
  if (!isScalar(node) || !isScalarValue(value)) {
    return undefined;
  }
  return node.value === value ? [] : scalarEdit(node as Scalar.Parsed, value, inFlow);
}

function isScalarValue(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function together(edits: readonly (Edit[] | undefined)[]): Edit[] | undefined {
  return edits.includes(undefined) ? undefined : (edits as Edit[][]).flat();
}

/**
 * The edit that gives a scalar another value. A text keeps its quotes, but a block becomes one line, and the comment in
 * its header stays; anything else has no quotes. Undefined for a scalar that is left out.
 */
export function scalarEdit(
  { srcToken, type }: Scalar.Parsed,
  value: string | number | boolean,
  inFlow: boolean,
): Edit[] | undefined {
  if (!CST.isScalar(srcToken) || (srcToken.type === "scalar" && srcToken.source === "")) {
    return undefined;
  }
  const isBlock = srcToken.type === "block-scalar";
  const token = structuredClone(srcToken);
  const style = typeof value === "string" ? styleOf(value, isBlock ? Scalar.QUOTE_DOUBLE : type) : Scalar.PLAIN;
  // As in a key, so that it stays on its line.
  CST.setScalarValue(token, String(value), { type: style, inFlow, implicitKey: true });
  if (isBlock) {
    return [{ region: regionOf(srcToken.props[0].offset, textOf(srcToken)), text: escapedText(textOf(token)) }];
  }
  // In JSON only JSON's own escapes may stand, and YAML's parsers know them, too.
  const isJson = inFlow && token.type === "double-quoted-scalar";
  const text = escapedText(isJson ? JSON.stringify(value) : token.source);
  return [{ region: regionOf(srcToken.offset, srcToken.source), text }];
}

/** With the comment in a block's header, and without the line breaks at its end. */
function textOf(token: CST.BlockScalar | CST.FlowScalar): string {
  return CST.stringify(token).replace(/[\r\n]+$/, "");
}

function regionOf(from: number, text: string): Region {
  return [from, from + text.length];
}

/** The style in which a parser reads the text as what it is: the one it has, or quotes where that would be another. */
function styleOf(text: string, style: Scalar.Type | undefined): Scalar.Type | undefined {
  const needsQuotes = hasForbidden(text) || (style === Scalar.PLAIN && !isPlainText(text));
  return needsQuotes ? Scalar.QUOTE_DOUBLE : style;
}

function isPlainText(text: string): boolean {
  return plainScalar(text).kind === "text" && SCHEMAS.every((schema) => isPlainIn(text, schema));
}

function isPlainIn(text: string, schema: (typeof SCHEMAS)[number]): boolean {
  const { contents, errors } = parseDocument(text, { schema });
  return errors.length === 0 && isScalar(contents) && contents.value === text;
}
