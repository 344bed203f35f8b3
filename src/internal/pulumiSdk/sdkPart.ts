/**
 * The oldest and the newest @pulumi/pulumi that all tests pass with. The oldest is the lowest that package.json allows,
 * too.
 */
export const KNOWN_TO_WORK = { oldest: "3.230.0", newest: "3.276.0" } as const;

/** `require` of whoever runs a program: it finds the copy of the SDK that is meant. */
export type Load = (name: string) => unknown;

/** Something of @pulumi/pulumi that is not public, so that any new version may be without it. */
export interface SdkPart {
  /** The module under `@pulumi/pulumi/` that has it, e.g. `runtime/stack`. */
  module: string;
  /** Its name there; of a member of an object, with the object's type before it: `MockMonitor.readResource`. */
  name: string;
  kind: "function" | "object";
  /** What cannot be done without it, as an infinitive: "to keep a program loaded". */
  purpose: string;
}

/** The installed @pulumi/pulumi has no such part, or another thing under its name. */
export class MissingSdkPart extends Error {
  constructor({ module, name, kind, purpose }: SdkPart, version: string) {
    const { oldest, newest } = KNOWN_TO_WORK;
    super(
      `@pulumi/pulumi ${version} has no ${kind} ${module}.${name}, which canary-app needs ${purpose}; ` +
        `versions ${oldest} to ${newest} are known to work: install one of these, or a newer canary-app`,
    );
    this.name = "MissingSdkPart";
  }
}

/**
 * A part of the SDK, loaded when it is asked for.
 *
 * @param load The copy that is meant. @default the one that this package finds
 * @throws MissingSdkPart
 */
export function sdkPart<T>(part: SdkPart, load: Load = require): T {
  return checked<T>(moduleOf(part.module, load)[part.name], part, load);
}

/**
 * A member of one of the SDK's objects; a function is bound to it.
 *
 * @throws MissingSdkPart
 */
export function sdkMember<T>(holder: unknown, part: SdkPart, load: Load = require): T {
  const name = part.name.slice(part.name.lastIndexOf(".") + 1);
  const member = checked<unknown>((holder as Record<string, unknown> | null | undefined)?.[name], part, load);
  return (typeof member === "function" ? member.bind(holder) : member) as T;
}

function checked<T>(value: unknown, part: SdkPart, load: Load): T {
  if (typeof value !== part.kind || value === null) {
    throw new MissingSdkPart(part, versionOf(load));
  }
  return value as T;
}

/** A module's exports; none if the SDK has no such module. What goes wrong while it is loaded is thrown as it is. */
function moduleOf(module: string, load: Load): Record<string, unknown> {
  const name = `@pulumi/pulumi/${module}`;
  try {
    return load(name) as Record<string, unknown>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isMissing =
      (code === "MODULE_NOT_FOUND" && message.startsWith(`Cannot find module '${name}'`)) ||
      code === "ERR_PACKAGE_PATH_NOT_EXPORTED";
    if (!isMissing || !isInstalled(load)) {
      throw error;
    }
    return {};
  }
}

function isInstalled(load: Load): boolean {
  return versionOf(load) !== NO_VERSION;
}

const NO_VERSION = "of an unknown version";

function versionOf(load: Load): string {
  try {
    return (load("@pulumi/pulumi/package.json") as { version: string }).version;
  } catch {
    return NO_VERSION;
  }
}
