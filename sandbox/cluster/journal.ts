import { readIfThere, writeWhole } from "./files";
import { pathsOf, sandboxNames, stateFolder } from "./paths";

/** One change of the machine for a sandbox, with all that is needed to revert it. */
export type Change =
  /** A network device of this name is created; its other end is in the sandbox. */
  | { readonly kind: "device"; readonly name: string }
  /** A cgroup is created at this path, and processes are put below it. */
  | { readonly kind: "cgroup"; readonly path: string }
  /** A setting in a file of the kernel is changed; several sandboxes can need it. */
  | { readonly kind: "setting"; readonly file: string; readonly before: string; readonly value: string }
  /** Cgroup controllers are enabled in a `cgroup.subtree_control` file; several sandboxes can need them. */
  | { readonly kind: "controllers"; readonly file: string; readonly names: readonly string[] }
  /** A kernel module is loaded; several sandboxes can need it. */
  | { readonly kind: "module"; readonly name: string };

/**
 * What a sandbox has changed on the machine, kept in a file. An entry is written before its change is made, so that
 * after a kill everything that may have to be reverted is known.
 */
export class Journal {
  private constructor(
    private readonly file: string,
    private entries: readonly Change[],
  ) {}

  /** Reads the journal in `file`; a missing one is empty. */
  static open(file: string): Journal {
    const content = readIfThere(file);
    return new Journal(file, content === undefined ? [] : (JSON.parse(content) as Change[]));
  }

  /** The changes, the earliest first. */
  get changes(): readonly Change[] {
    return this.entries;
  }

  /** Records that the change is about to be made. It is on the disk when this returns. */
  record(change: Change): void {
    if (this.entries.some((entry) => same(entry, change))) return;
    this.write([...this.entries, change]);
  }

  /** Records that the change has been reverted. */
  forget(change: Change): void {
    this.write(this.entries.filter((entry) => !same(entry, change)));
  }

  private write(entries: readonly Change[]): void {
    writeWhole(this.file, `${JSON.stringify(entries, undefined, 2)}\n`);
    this.entries = entries;
  }
}

/** What all sandboxes but `name` have changed on the machine. */
export function changesOfOthers(name: string, root: string = stateFolder()): Change[] {
  return sandboxNames(name, root).flatMap((other) => Journal.open(pathsOf(other, root).journal).changes);
}

function same(a: Change, b: Change): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
