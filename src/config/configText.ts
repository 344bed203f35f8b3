import { isDeepStrictEqual } from "node:util";
import { type ParsedNode, type Scalar, isCollection, isScalar } from "yaml";
import { dataOf } from "./appConfig";
import { ConfigDocument, ConfigFileError, type ConfigPair } from "./configDocument";
import type { ConfigValues } from "./configValues";
import {
  type Edit,
  type Region,
  blockValue,
  dataIn,
  dataOfSpelling,
  inlineValue,
  scalarEdit,
  scalarEdits,
  topLevel,
} from "./yamlText";

/** How a config file spells some keys: enough to put them back to the byte, whatever has been written to them since. */
export interface ConfigSource {
  /** What follows each key's colon; null for a key that is not there. */
  keys: Readonly<Record<string, string | null>>;
  /** Where the file has no key at all: what follows the colon of `config`, or null if that is not there either. */
  empty?: string | null;
}

/**
 * The text of a stack's config file (`Pulumi.<stack>.yaml`), read as data and edited as text: what is not changed stays
 * to the byte, with its comments, order and quotes.
 */
export class ConfigText extends ConfigDocument {
  /** How the text spells these keys. */
  sourceOf(keys: readonly string[]): ConfigSource {
    const spelling = (pair: ConfigPair | undefined) =>
      pair === undefined ? null : this.text.slice(...this.region(pair));
    const spelt = Object.fromEntries(keys.map((key) => [key, spelling(this.find(key))]));
    return this.pairs.length > 0 ? { keys: spelt } : { keys: spelt, empty: spelling(this.config) };
  }

  /**
   * The text with other values; null takes a key away. A value that is equal to what `source` spells is spelt like
   * there.
   *
   * @throws ConfigFileError if that would change anything else, as where other keys refer to a value by its anchor.
   */
  with(values: ConfigValues, source?: ConfigSource): string {
    const edited = Object.entries(values).reduce(
      (text, [key, value]) => new ConfigText(text, this.project).withOne(key, value ?? null, source),
      this.text,
    );
    const [expected, actual] = [{ ...this.values(), ...values }, new ConfigText(edited, this.project).values()];
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      if (!areSame(expected[key] ?? null, actual[key] ?? null)) {
        throw new ConfigFileError(
          `has values that cannot be told apart: writing ${Object.keys(values).join(" and ")} would change ${key}; do without YAML's anchors there`,
        );
      }
    }
    return edited;
  }

  private withOne(key: string, value: unknown, source?: ConfigSource): string {
    const pair = this.find(key);
    const spelling = source?.keys[key] ?? undefined;
    if (spelling !== undefined && areSame(dataOfSpelling(spelling), value)) {
      return pair === undefined
        ? this.withNew(key, spelling)
        : this.edited({ region: this.region(pair), text: spelling });
    }
    if (value === null) {
      return pair === undefined ? this.text : this.without(pair, source?.empty);
    }
    return pair === undefined
      ? this.withNew(key, this.isFlow() ? inlineValue(value, true) : blockValue(value, this.column(), eolOf(this.text)))
      : this.withValue(pair, value);
  }

  private withValue(pair: ConfigPair, value: unknown): string {
    const node = pair.value;
    if (areSame(topLevel(dataIn(node, this.yaml.document)), value)) {
      return this.text;
    }
    const edits = this.scalarEdits(node, value);
    if (edits !== undefined) {
      return this.edited(...edits);
    }
    const region = this.region(pair);
    const isInline = this.isFlow() || !this.text.slice(...region).includes("\n");
    return this.edited({
      region,
      text: isInline ? inlineValue(value, this.isFlow()) : blockValue(value, this.columnOf(pair), eolOf(this.text)),
    });
  }

  private scalarEdits(node: ParsedNode | null, value: unknown): Edit[] | undefined {
    if (!isScalar(node) || typeof node.value !== "string") {
      return scalarEdits(node, value, this.isFlow());
    }
    // `pulumi config set` keeps numbers as texts, and objects as JSON: they stay what they are, to the program it is
    // the same. An object in a block of text gets lines of its own instead.
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return node.type?.startsWith("BLOCK") && text !== value
      ? undefined
      : scalarEdit(node as Scalar.Parsed, text, this.isFlow());
  }

  /** After the last key, so that taking it away again leaves what was. */
  private withNew(key: string, spelling: string): string {
    const line = `${/^[\w.-]+:[\w.-]+$/.test(key) && !this.isFlow() ? key : JSON.stringify(key)}:${spelling}`;
    const last = this.pairs.at(-1);
    if (last !== undefined) {
      const end = this.region(last)[1];
      return this.isFlow()
        ? this.edited(insertion(end, `, ${line}`))
        : this.edited(insertion(this.endOfLine(end), `${eolOf(this.text)}${" ".repeat(this.column())}${line}`));
    }
    if (this.config !== undefined) {
      const region = this.region(this.config);
      const [comment] = /\s*#.*$/.exec(this.text.slice(...region)) ?? [""];
      return this.edited({ region, text: this.isFlow() ? ` {${line}}` : `${comment}${eolOf(this.text)}  ${line}` });
    }
    if (isCollection(this.yaml.document.contents) && this.yaml.document.contents.flow === true) {
      throw new ConfigFileError('has no config: add "config": {}');
    }
    if (this.yaml.hasMore) {
      throw new ConfigFileError(
        "has several documents, and no config in the first, which alone Pulumi reads: leave only one",
      );
    }
    const [before, after] =
      this.text === "" || this.text.endsWith("\n") ? ["", eolOf(this.text)] : [eolOf(this.text), ""];
    return `${this.text}${before}config:${eolOf(this.text)}  ${line}${after}`;
  }

  private without(pair: ConfigPair, empty?: string | null): string {
    const [start, end] = [pair.key.range[0], this.region(pair)[1]];
    const index = this.pairs.indexOf(pair);
    if (this.pairs.length === 1) {
      const config = this.config as ConfigPair;
      return empty === null
        ? this.withoutConfig(config)
        : this.edited({ region: this.region(config), text: empty ?? " {}" });
    }
    if (this.isFlow()) {
      return this.edited({
        region: index === 0 ? [start, this.pairs[1].key.range[0]] : [this.region(this.pairs[index - 1])[1], end],
        text: "",
      });
    }
    return this.edited({ region: [this.endOfLine(this.startOfLine(start) - 1), this.endOfLine(end)], text: "" });
  }

  /** With the line break that came with it: the one after it, if there is one. */
  private withoutConfig(config: ConfigPair): string {
    const [start, end] = [this.startOfLine(config.key.range[0]), this.endOfLine(this.region(config)[1])];
    const next = this.text.indexOf("\n", end) + 1;
    return this.edited({
      region: next > 0 || start === 0 ? [start, next || end] : [this.endOfLine(start - 1), end],
      text: "",
    });
  }

  private edited(...edits: readonly Edit[]): string {
    const ordered = [...edits].sort((a, b) => b.region[0] - a.region[0]);
    return ordered.reduce(
      (text, { region: [from, to], text: fresh }) => text.slice(0, from) + fresh + text.slice(to),
      this.text,
    );
  }

  /**
   * What follows a key's colon: its value, with the comments on and between the value's lines if it has lines of its
   * own.
   */
  private region({ srcToken, value }: ConfigPair): Region {
    const colon = srcToken?.sep?.find(({ type }) => type === "map-value-ind");
    if (colon === undefined) {
      throw new ConfigFileError("has a key without a colon: write key: value");
    }
    const start = colon.offset + 1;
    if (srcToken === this.config?.srcToken && this.pairs.length === 0 && !this.isFlow()) {
      return [start, this.endOfLine(start)]; // room for keys: a comment there is kept with what is put back
    }
    return [start, Math.max(start, this.endOf(value, start))];
  }

  private endOf(node: ParsedNode | null, otherwise: number): number {
    if (node === null || node.range[0] === node.range[1]) {
      return otherwise; // the parser puts what is left out behind the comments
    }
    if (isCollection(node) && node.flow !== true && node.items.length > 0) {
      const last = node.items.at(-1) as ParsedNode | ConfigPair;
      return this.endOfLine(
        "key" in last ? this.endOf(last.value, last.key.range[1] + 1) : this.endOf(last, lastDash(node)),
      );
    }
    const end = node.range[1];
    return isScalar(node) && node.type?.startsWith("BLOCK")
      ? this.endOfLine(this.text.slice(0, end).trimEnd().length)
      : end;
  }

  private startOfLine(at: number): number {
    return this.text.lastIndexOf("\n", at - 1) + 1;
  }

  private endOfLine(at: number): number {
    const found = this.text.indexOf("\n", at);
    const end = found < 0 ? this.text.length : found;
    return this.text[end - 1] === "\r" ? end - 1 : end;
  }

  private columnOf(pair: ConfigPair): number {
    return pair.key.range[0] - this.startOfLine(pair.key.range[0]);
  }

  /** Where keys begin. */
  private column(): number {
    return this.pairs.length === 0 ? 2 : this.columnOf(this.pairs[0]);
  }

  /** Whether the keys stand in braces, as in JSON. */
  private isFlow(): boolean {
    return isCollection(this.config?.value) && this.config.value.flow === true;
  }
}

function eolOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function insertion(at: number, text: string): Edit {
  return { region: [at, at], text };
}

/** Where the last element of a list begins, with its dash. */
function lastDash({ srcToken }: ParsedNode): number {
  const items = srcToken !== undefined && "items" in srcToken ? srcToken.items : [];
  return items.at(-1)?.start.find(({ type }) => type === "seq-item-ind")?.offset ?? 0;
}

/** Whether a program sees no difference. */
function areSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(dataOf("", one), dataOf("", other));
}
