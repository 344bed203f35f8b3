import { type Pair, type ParsedNode, isMap, isScalar } from "yaml";
import { fullKey } from "./configKeys";
import type { ConfigValues } from "./configValues";
import { type Misread, misreadBelow } from "./misread";
import { PulumiYaml, YamlError } from "./pulumiYaml";
import { dataIn, topLevel } from "./yamlText";

/** A stack's config file that cannot be read or edited. */
export class ConfigFileError extends Error {
  override readonly name = "ConfigFileError";
}

/** A key of the config with its value. */
export type ConfigPair = Pair<ParsedNode, ParsedNode | null>;

/** What a stack's config file (`Pulumi.<stack>.yaml`) says, as Pulumi reads it. */
export class ConfigDocument {
  /** The environments that the stack takes values from, which Pulumi Cloud keeps; as the file names them. */
  readonly environment: unknown;
  /** The pair of `config` itself. */
  protected readonly config: ConfigPair | undefined;
  /** The pairs below it, without those that a merge brings. */
  protected readonly pairs: ConfigPair[];
  protected readonly yaml: PulumiYaml;

  /**
   * @param project The project's name: keys without `:` are its own.
   * @throws ConfigFileError if Pulumi would refuse the text, with line and column.
   */
  constructor(
    readonly text: string,
    protected readonly project: string,
  ) {
    this.yaml = asConfigFile(() => new PulumiYaml(text));
    const { contents } = this.yaml.document;
    if (contents !== null && !isMap(contents) && this.yaml.read(contents)?.value !== null) {
      throw new ConfigFileError("is not a stack's config: an object with the key config is needed");
    }
    const fields = (isMap(contents) ? contents.items : []) as ConfigPair[];
    const valueOf = (name: string) => fields.find(({ key }) => isScalar(key) && key.value === name);
    this.config = valueOf("config");
    this.environment = asConfigFile(() => dataIn(valueOf("environment")?.value ?? null, this.yaml.document));
    const values = this.config?.value ?? null;
    if (values !== null && !isMap(values) && !(isScalar(values) && values.value === null)) {
      throw new ConfigFileError("has a config that is not an object: keys with their values are needed below it");
    }
    this.pairs = isMap(values) ? (values.items as ConfigPair[]).filter(({ key }) => !isMerge(key)) : [];
    this.checkKeys(fields);
  }

  /** All values as data, by full key. What is encrypted, also deep within, is `UNKNOWN` (validation/unknown). */
  values(): ConfigValues {
    const node = this.config?.value;
    const data = isMap(node) ? asConfigFile(() => dataIn(node, this.yaml.document)) : {};
    const values: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(data as Record<string, unknown>)) {
      const full = fullKey(key, this.project);
      if (full === undefined || Object.hasOwn(values, full)) {
        throw new ConfigFileError(`has the config key ${JSON.stringify(key)} by a merge, beside which it cannot stand`);
      }
      values[full] = topLevel(this.exact(full) ?? value);
    }
    return values;
  }

  /** What Pulumi does not read as the text that it looks like, below a key. */
  misread(key: string): Misread[] {
    return misreadBelow(this.find(key)?.value ?? null, this.yaml);
  }

  /** The pair of a key, by its full name. */
  protected find(key: string): ConfigPair | undefined {
    return this.pairs.find((pair) => this.nameOf(pair) === key);
  }

  private nameOf({ key }: ConfigPair): string {
    return fullKey(String(isScalar(key) ? key.value : key), this.project) as string;
  }

  /** A whole number that a double does not hold: a program gets all of its digits. */
  private exact(key: string): string | undefined {
    const read = this.yaml.read(this.find(key)?.value);
    return typeof read?.value === "number" && Math.abs(read.value) > Number.MAX_SAFE_INTEGER && /^-?\d+$/.test(read.key)
      ? read.key
      : undefined;
  }

  private checkKeys(fields: readonly ConfigPair[]): void {
    const refuse = (node: ParsedNode, what: string) => {
      throw new ConfigFileError(this.yaml.errorAt(node, what).message);
    };
    for (const { key } of fields.filter(({ key: each }) => !isMerge(each) && this.yaml.read(each)?.kind !== "text")) {
      refuse(key, "has a key that Pulumi does not read as a text: write it in quotes");
    }
    const there = new Map<string, ParsedNode>();
    for (const { key } of this.pairs) {
      const read = this.yaml.read(key);
      const full = read?.kind === "text" ? fullKey(read.key, this.project) : undefined;
      if (full === undefined) {
        refuse(key, `has the config key ${JSON.stringify(read?.key ?? "")}, which is not name or project:name,`);
      } else if (there.has(full)) {
        refuse(key, `has ${full} under two spellings, of which Pulumi takes either: remove the one`);
      } else {
        there.set(full, key);
      }
    }
    for (const { isKey, line, column, source } of this.pairs.flatMap(({ value }) => misreadBelow(value, this.yaml))) {
      if (/^[-+]?\.(inf|nan)$/i.test(source) && !isKey) {
        throw new ConfigFileError(`has ${source}, which no config can hold, at line ${line}, column ${column}`);
      }
    }
  }
}

function isMerge(key: ParsedNode | null): boolean {
  return isScalar(key) && typeof key.value === "symbol";
}

/** What Pulumi would refuse, and what its parser stumbles over when the data is asked for. */
function asConfigFile<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new ConfigFileError(
      error instanceof YamlError
        ? `is not valid YAML: ${error.message}`
        : `has values that are not data: ${(error as Error).message}`,
    );
  }
}
