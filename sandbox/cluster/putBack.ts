import { existsSync } from "node:fs";
import type { Progress } from "../progress";
import { namesOf } from "./addresses";
import { cgroupPaths, disableControllers, hierarchies, removeCgroup } from "./cgroups";
import { changesOfOthers, Journal, type Change } from "./journal";
import { oneAtATime } from "./commandLock";
import { deviceExists, removeDevice } from "./network";
import type { Paths } from "./paths";
import { restoreSetting, unloadModule } from "./settings";

/** The lock for choosing, changing and restoring what several sandboxes share. */
export const MACHINE_LOCK = "machine";

/** The processes first, so that nothing uses or creates the rest any more. */
const ORDER: readonly Change["kind"][] = ["cgroup", "device", "controllers", "setting", "module"];

/**
 * Reverts everything that the sandbox has changed on the machine: ends its processes, and with them its namespaces and
 * mounts; removes its network device and cgroups; restores settings that no other sandbox needs. It can be repeated at
 * any point. Returns how many changes there were.
 */
export async function putBack(name: string, paths: Paths, progress: Progress): Promise<number> {
  const release = await oneAtATime(MACHINE_LOCK, `taking down ${name}`, progress);
  try {
    const journal = existsSync(paths.folder) ? Journal.open(paths.journal) : undefined;
    const changes = [
      ...(journal?.changes ?? []),
      ...leftovers(name).filter((found) => !journal?.changes.some((known) => sameThing(known, found))),
    ];
    const others = changesOfOthers(name);
    for (const kind of ORDER) {
      await Promise.all(changes.filter((change) => change.kind === kind).map((change) => undo(change, others)));
    }
    for (const change of journal?.changes ?? []) journal?.forget(change);
    return changes.length;
  } finally {
    release();
  }
}

/** Everything on the machine with the sandbox's names, whether the journal mentions it or not. */
export function leftovers(name: string): Change[] {
  const names = namesOf(name);
  return [
    ...cgroupPaths(names.cgroup, hierarchies()).map((path): Change => ({ kind: "cgroup", path })),
    ...(deviceExists(names.hostDevice) ? [{ kind: "device", name: names.hostDevice } as const] : []),
  ];
}

async function undo(change: Change, others: readonly Change[]): Promise<void> {
  switch (change.kind) {
    case "cgroup":
      return removeCgroup(change.path);
    case "device":
      return removeDevice(change.name);
    case "controllers":
      return disableControllers(change, others);
    case "setting":
      return restoreSetting(change, others);
    case "module":
      return unloadModule(change, others);
  }
}

function sameThing(a: Change, b: Change): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
