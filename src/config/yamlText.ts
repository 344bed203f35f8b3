import { isDeepStrictEqual } from "node:util";
import { type ParsedNode, type Scalar, isMap, isScalar, isSeq, parseDocument, stringify } from "yaml";
import { UNKNOWN } from "../validation/unknown";

/** A part of a text: from here, up to there. */
export type Region = readonly [from: number, to: number];

/** A part of a text that becomes another. */
export interface Edit {
  region: Region;
  text: string;
}

/** What YAML 1.1 would read as something else is quoted, too, because Pulumi's parser is between the two. */
const STYLE = { schema: "yaml-1.1", lineWidth: 0, blockQuote: false, aliasDuplicateObjects: false } as const;

/** What stands after a key's colon, on the same line. `json` for where only JSON may stand. */
export function inlineValue(value: unknown, json = false): string {
  const text = json ? JSON.stringify(value) : stringify(value, { ...STYLE, collectionStyle: "flow" }).trimEnd();
  return ` ${text.includes("\n") ? JSON.stringify(value) : text}`;
}

/** What stands after the colon of a key in this column, on lines of its own if the value has parts. */
export function blockValue(value: unknown, column: number, eol: string): string {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) {
    return inlineValue(value);
  }
  const lines = stringify(value, STYLE).trimEnd().split("\n");
  return lines.map((line) => `${eol}${" ".repeat(column + 2)}${line}`).join("");
}

/** A node's value as data; what Pulumi has encrypted, also deep within, is `UNKNOWN`. */
export function dataIn(node: ParsedNode | null, document: Parameters<ParsedNode["toJS"]>[0]): unknown {
  return withoutSecrets(node === null ? null : node.toJS(document));
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutSecrets);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value);
  const secret = entries.length === 1 && entries[0][0] === "secure" && typeof entries[0][1] === "string";
  return secret ? UNKNOWN : Object.fromEntries(entries.map(([name, each]) => [name, withoutSecrets(each)]));
}

/** The data of what stands after a key's colon; undefined if that says nothing by itself. */
export function dataOfSpelling(spelling: string): unknown {
  const document = parseDocument(`key:${spelling}`);
  return document.errors.length > 0 || !isMap(document.contents)
    ? undefined
    : dataIn(document.contents.items[0].value as ParsedNode | null, document);
}

/** The edits that give a node another value where only scalars differ; undefined if that is not all. */
export function scalarEdits(node: ParsedNode | null, value: unknown): Edit[] | undefined {
  if (isMap(node)) {
    const names = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
    const pairs = node.items.map(
      (pair) => [isScalar(pair.key) ? String(pair.key.value) : undefined, pair.value] as const,
    );
    const same = names.length > 0 && isDeepStrictEqual(new Set(names), new Set(pairs.map(([name]) => name)));
    return same
      ? together(
          pairs.map(([name, each]) =>
            scalarEdits(each as ParsedNode | null, (value as Record<string, unknown>)[name as string]),
          ),
        )
      : undefined;
  }
  if (isSeq(node)) {
    const same = Array.isArray(value) && value.length === node.items.length;
    return same
      ? together(node.items.map((each, index) => scalarEdits(each as ParsedNode | null, value[index])))
      : undefined;
  }
  if (!isScalar(node) || !["string", "number", "boolean"].includes(typeof value)) {
    return undefined;
  }
  return node.value === value ? [] : scalarEdit(node as Scalar.Parsed, value as string | number | boolean);
}

function together(edits: readonly (Edit[] | undefined)[]): Edit[] | undefined {
  return edits.includes(undefined) ? undefined : (edits as Edit[][]).flat();
}

/** A text keeps its quotes; anything else has none. Undefined for a text on lines of its own. */
export function scalarEdit(node: Scalar.Parsed, value: string | number | boolean): Edit[] | undefined {
  if (node.type?.startsWith("BLOCK") || node.range[0] === node.range[1]) {
    return undefined;
  }
  return [
    {
      region: [node.range[0], node.range[1]],
      text: typeof value === "string" ? quoted(value, node.type) : String(value),
    },
  ];
}

function quoted(text: string, type: string | undefined): string {
  if (type === "QUOTE_DOUBLE") {
    return JSON.stringify(text);
  }
  return type === "QUOTE_SINGLE" ? `'${text.replaceAll("'", "''")}'` : inlineValue([text]).slice(3, -2);
}
