import { isDeepStrictEqual } from "node:util";
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { ComponentType } from "../../internal/componentTypes";
import { secretsClosed } from "../../render/secretMark";
import { unknownsMarked } from "../../render/unknownMark";
import { DryRunValues } from "./dryRunValues";
import {
  ChangeKind,
  type Diagnostic,
  type Drift,
  type Inputs,
  type ObservedChanges,
  type PolicyFinding,
  type ResourceChange,
} from "./resourceChange";

/** The engine's steps by what they do to a resource; all that are missing here do nothing to it. */
const KINDS: Readonly<Record<string, ChangeKind>> = {
  same: ChangeKind.Same,
  create: ChangeKind.Create,
  import: ChangeKind.Create,
  update: ChangeKind.Update,
  delete: ChangeKind.Delete,
  replace: ChangeKind.Replace,
  "create-replacement": ChangeKind.Replace,
  "import-replacement": ChangeKind.Replace,
  "delete-replaced": ChangeKind.Replace,
};

/** A resource can be reported in several steps, a replacement in three; the last of these kinds wins. */
const STRENGTH: readonly ChangeKind[] = [
  ChangeKind.Same,
  ChangeKind.Update,
  ChangeKind.Create,
  ChangeKind.Delete,
  ChangeKind.Replace,
];

/** Where a provider was found says nothing about the stack. */
const OF_THE_MACHINE = /using pulumi-\S+ from \$PATH at/;

/** How a policy that a value kept from being evaluated is told of, whatever its level: as an advisory finding. */
const NOT_EVALUATED = /\bcan't run policy .* during preview: /;

/** Reads what a preview (or an `up`) told, from the engine's events in their order. */
export function observedChanges(events: readonly EngineEvent[]): ObservedChanges {
  const resources = new Map<string, ResourceChange>();
  const parents = new Map<string, string>();
  const drift: Drift[] = [];
  const diagnostics: Diagnostic[] = [];
  const policies: PolicyFinding[] = [];
  const dryRun = new DryRunValues();
  for (const { resourcePreEvent, resOutputsEvent, diagnosticEvent, policyEvent } of events) {
    const { metadata } = resourcePreEvent ?? resOutputsEvent ?? {};
    if (metadata !== undefined) {
      keep(resources, metadata);
      dryRun.learn(metadata);
      parents.set(metadata.urn, (metadata.new ?? metadata.old)?.parent ?? "");
    }
    if (resOutputsEvent !== undefined && (resOutputsEvent.metadata.op as string) === "refresh") {
      drift.push(...drifted(resOutputsEvent.metadata));
    }
    if (
      (diagnosticEvent?.severity === "warning" || diagnosticEvent?.severity === "error") &&
      !OF_THE_MACHINE.test(diagnosticEvent.message)
    ) {
      const { severity, message, urn } = diagnosticEvent;
      diagnostics.push({ severity, message: plainText(message), ...(urn ? { urn } : {}) });
    }
    if (policyEvent !== undefined) {
      const { policyName: policy, policyPackName: pack, enforcementLevel, message, resourceUrn: urn } = policyEvent;
      const text = inOneLine(plainText(message));
      policies.push({
        policy,
        pack,
        mandatory: enforcementLevel === "mandatory",
        evaluated: !NOT_EVALUATED.test(text),
        message: text,
        ...(urn ? { urn } : {}),
      });
    }
  }
  const marked = dryRun.marker();
  return {
    resources: [...resources.values()].map((change) => ({ ...marked(change), ...inApp(change.urn, parents) })),
    drift,
    diagnostics,
    policies,
  };
}

function keep(
  resources: Map<string, ResourceChange>,
  { op, urn, type, old, new: now, provider }: StepEventMetadata,
): void {
  const told = KINDS[op];
  if (told === undefined) {
    return;
  }
  const known = resources.get(urn);
  const kind = known !== undefined && STRENGTH.indexOf(known.kind) > STRENGTH.indexOf(told) ? known.kind : told;
  const before = kind === ChangeKind.Create ? undefined : (inputsOf(old) ?? known?.before);
  const after =
    kind === ChangeKind.Delete ? undefined : op === "delete-replaced" ? known?.after : (inputsOf(now) ?? known?.after);
  resources.set(urn, {
    urn,
    type,
    name: nameOf(urn),
    kind,
    ...(provider && { provider }),
    ...(op === "import" && { isImport: true }),
    ...(before && { before }),
    ...(after && { after }),
  });
}

/** A resource's inputs, whose secrets and unknown values the engine tells as marks of its own. */
function inputsOf(state: { inputs?: Inputs } | null | undefined): Inputs | undefined {
  return unknownsMarked(secretsClosed(state?.inputs)) as Inputs | undefined;
}

/** A refresh tells of every resource; those that are as they were are no drift. */
function drifted({ urn, type, old, new: now }: StepEventMetadata): Drift[] {
  const before = inputsOf(old);
  const after = inputsOf(now);
  return isDeepStrictEqual(before, after)
    ? []
    : [
        {
          urn,
          type,
          name: nameOf(urn),
          gone: now === undefined || now === null,
          ...(before && { before }),
          ...(after && { after }),
        },
      ];
}

/** The app that a resource belongs to. A URN holds the types of all parents, but the name of none. */
function inApp(urn: string, parents: ReadonlyMap<string, string>): { app?: string } {
  for (let each: string | undefined = urn; each; each = parents.get(each)) {
    if (each.split("::")[2]?.split("$").at(-1) === ComponentType.CanaryApp) {
      return { app: nameOf(each) };
    }
  }
  return {};
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** A finding is the policy's description, a line break, and what is amiss: in a list of findings each is a line. */
function inOneLine(message: string): string {
  return message.split(/\s*\n\s*/).join(": ");
}

/**
 * Without the engine's marks for colours, `<{%fg 1%}>`, and without the program's stack traces, which name files of
 * this machine.
 */
function plainText(message: string): string {
  return message
    .replace(/<\{%[^%]*%\}>/g, "")
    .replace(/^\s+at (.+ \()?\S+:\d+:\d+\)?$/gm, "")
    .replace(/^Unhandled exception: (\w*Error: )?/, "")
    .trim();
}
