import { readFileSync, writeFileSync } from "node:fs";
import { execute } from "./execute";
import { readIfThere } from "./files";
import type { Change, Journal } from "./journal";

/** inotify instances one user may have: each pod's shim, the kubelet and every Istio proxy take some. */
const INOTIFY_FILE = "/proc/sys/fs/inotify/max_user_instances";
const INOTIFY_INSTANCES = 1024;

/** Its existence shows that bridged packets can be made to pass iptables, without which Services do not work. */
export const BRIDGE_FILE = "/proc/sys/net/bridge/bridge-nf-call-iptables";
const BRIDGE_MODULE = "br_netfilter";

/**
 * Changes the few machine-wide settings that a sandbox needs and cannot have for itself. To be called under the
 * machine's lock.
 * @param others what the other sandboxes have changed, see `changesOfOthers`
 */
export async function makeSettings(journal: Journal, others: readonly Change[]): Promise<void> {
  raise(INOTIFY_FILE, INOTIFY_INSTANCES, journal, others);
  if (
    readIfThere(BRIDGE_FILE) === undefined ||
    others.some((other) => other.kind === "module" && other.name === BRIDGE_MODULE)
  ) {
    journal.record({ kind: "module", name: BRIDGE_MODULE });
    await execute("loading the kernel module for bridged packets", ["modprobe", BRIDGE_MODULE]);
  }
}

/**
 * Raises a number in a kernel's file to at least `least`, and records the value from before any sandbox. A sandbox that
 * finds it raised by another one records it as well: the last one that needs it restores it.
 */
export function raise(file: string, least: number, journal: Journal, others: readonly Change[]): void {
  const current = readFileSync(file, "utf8").trim();
  const raised = others.find((other) => other.kind === "setting" && other.file === file);
  if (raised?.kind !== "setting" && Number(current) >= least) return;
  const already = journal.changes.some((change) => change.kind === "setting" && change.file === file);
  if (!already)
    journal.record({
      kind: "setting",
      file,
      before: raised?.kind === "setting" ? raised.before : current,
      value: String(least),
    });
  if (Number(current) < least) writeFileSync(file, String(least));
}

/** Restores a setting, unless another sandbox still needs it or someone else has changed it since. */
export function restoreSetting(change: Change & { kind: "setting" }, others: readonly Change[]): void {
  if (others.some((other) => other.kind === "setting" && other.file === change.file)) return;
  if (readIfThere(change.file)?.trim() === change.value) writeFileSync(change.file, change.before);
}

/** Unloads a module, unless another sandbox or anything else uses it. */
export async function unloadModule(change: Change & { kind: "module" }, others: readonly Change[]): Promise<void> {
  if (others.some((other) => other.kind === "module" && other.name === change.name)) return;
  const users = readIfThere(`/sys/module/${change.name}/refcnt`);
  if (users?.trim() === "0")
    await execute(`unloading the kernel module ${change.name}`, ["modprobe", "-r", change.name]);
}
