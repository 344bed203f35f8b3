import { type ParsedNode, isAlias, isMap, isScalar, isSeq } from "yaml";
import type { PulumiYaml } from "./pulumiYaml";
import type { ScalarKind } from "./yamlScalars";

/** A scalar without quotes that Pulumi does not read as the text that it looks like. */
export interface Misread {
  /** The way to it, from the config's key on: names and indexes. */
  path: readonly (string | number)[];
  /** What the file says. */
  source: string;
  kind: Exclude<ScalarKind, "text">;
  /** Whether it is the key of an object, and the last name of the path. */
  isKey: boolean;
  /** What a program gets instead. */
  value: string;
  /** Where it stands, from 1. */
  line: number;
  column: number;
}

/** All of them below a node, keys of objects included. */
export function misreadBelow(
  node: ParsedNode | null,
  yaml: PulumiYaml,
  path: readonly (string | number)[] = [],
): Misread[] {
  if (isAlias(node)) {
    return misreadBelow((node.resolve(yaml.document) ?? null) as ParsedNode | null, yaml, path);
  }
  if (isSeq(node)) {
    return node.items.flatMap((item, index) => misreadBelow(item as ParsedNode | null, yaml, [...path, index]));
  }
  if (isMap(node)) {
    return node.items.flatMap(({ key, value }) => {
      const name = yaml.read(key)?.key ?? "";
      const below = [...path, name];
      const ofKey = misreadAt(key as ParsedNode, yaml, below).map((each) => ({ ...each, isKey: true }));
      return [...ofKey, ...misreadBelow(value as ParsedNode | null, yaml, below)];
    });
  }
  return node === null ? [] : misreadAt(node, yaml, path);
}

function misreadAt(node: ParsedNode, yaml: PulumiYaml, path: Misread["path"]): Misread[] {
  const read = yaml.read(node);
  return read === undefined || read.kind === "text" || !isScalar(node)
    ? []
    : [{ path, source: node.source ?? "", kind: read.kind, isKey: false, value: read.key, ...yaml.positionOf(node) }];
}
