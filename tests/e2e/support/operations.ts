import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";

/** What the engine did to one resource, by its own event. */
export interface Operation {
  /** E.g. `update`, `create`, `delete`, `replace`. */
  op: string;
  /** The resource's type token. */
  type: string;
  /** Its name in the program. */
  name: string;
  /** The paths of the properties that differ. */
  changed: string[];
}

/** What an `up` did beyond leaving things as they are, in the order it was begun. */
export async function upOperations(stack: Stack): Promise<Operation[]> {
  const events: EngineEvent[] = [];
  await stack.up({ onEvent: (event) => void events.push(event) });
  return operations(events);
}

/** The operations in an engine's events that are more than "same" and "read". */
export function operations(events: readonly EngineEvent[]): Operation[] {
  return events.flatMap(({ resourcePreEvent }) => {
    const metadata = resourcePreEvent?.metadata;
    if (metadata === undefined || ["same", "read", "refresh"].includes(metadata.op)) {
      return [];
    }
    const name = metadata.urn.split("::").at(-1) as string;
    return [{ op: metadata.op, type: metadata.type, name, changed: Object.keys(metadata.detailedDiff ?? {}).sort() }];
  });
}
