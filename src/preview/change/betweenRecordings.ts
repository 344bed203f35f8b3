import { isDeepStrictEqual } from "node:util";
import { ComponentType } from "../../internal/componentTypes";
import type { RecordedResource, Recording } from "../../render/recorder";
import { ChangeKind, type ObservedChanges, type ResourceChange } from "./resourceChange";

/**
 * What changes from one recording of a program to another: without an engine, a replacement cannot be told from an
 * update. What the program warned of is the later one's.
 */
export function changesBetween(
  { resources: before }: Pick<Recording, "resources">,
  { resources: after, warnings }: Pick<Recording, "resources" | "warnings">,
): ObservedChanges {
  const old = new Map(before.filter(({ managed }) => managed).map((resource) => [key(resource), resource]));
  const now = new Map(after.filter(({ managed }) => managed).map((resource) => [key(resource), resource]));
  const keys = [...now.keys(), ...[...old.keys()].filter((each) => !now.has(each))];
  const diagnostics = warnings.map((message) => ({ severity: "warning" as const, message }));
  return { resources: keys.map((each) => change(each, old, now)), drift: [], diagnostics, policies: [] };
}

type ByKey = ReadonlyMap<string, RecordedResource>;

function change(key: string, old: ByKey, now: ByKey): ResourceChange {
  const [before, after] = [old.get(key), now.get(key)];
  const { type, name } = (after ?? before) as RecordedResource;
  const app = appOf(key, after === undefined ? old : now);
  const same = isDeepStrictEqual(before?.inputs, after?.inputs);
  const kind =
    before === undefined
      ? ChangeKind.Create
      : after === undefined
        ? ChangeKind.Delete
        : same
          ? ChangeKind.Same
          : ChangeKind.Update;
  return {
    urn: key,
    type,
    name,
    kind,
    ...(app !== undefined && { app }),
    ...(before && { before: before.inputs }),
    ...(after && { after: after.inputs }),
  };
}

function appOf(key: string, all: ByKey): string | undefined {
  const resource = all.get(key);
  return resource === undefined
    ? undefined
    : resource.type === ComponentType.CanaryApp
      ? resource.name
      : appOf(resource.parent, all);
}

function key({ type, name }: RecordedResource): string {
  return `${type}::${name}`;
}
