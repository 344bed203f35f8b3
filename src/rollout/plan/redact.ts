import { type Confidential, isSecretReference } from "../../internal/http/secrets";
import { Findings } from "../../validation/problem";
import type { SourceSettings } from "../metrics/settings";
import type { Plan } from "./plan";
import type { RolloutSettings } from "./settings";

/** Stands in a journal for a text that was given as it is, and may be a secret. */
const REDACTED = { redacted: true } as const;

/** The fields, of gates and of a Prometheus, that take a `Confidential` text, or several by name. */
const CONFIDENTIAL = ["url", "token", "headers"];

type Fields = Readonly<Record<string, unknown>>;

/**
 * A plan as others may read it: without the texts that may be secrets. Those that the stack's config keeps as secrets
 * are named in it.
 */
export function redactPlan({ source, gates, ...plan }: Plan): Plan {
  return {
    ...plan,
    gates: gates.map((gate) => withoutTexts(gate)),
    ...(source === undefined ? {} : { source: redactSource(source) }),
  };
}

/**
 * The plan with these texts again, as the settings have them now.
 *
 * @throws ValidationError that names each text that the settings do not have
 */
export function restoredPlan(plan: Plan, settings: RolloutSettings): Plan {
  const findings = Findings.at("rollout");
  const now = Array.isArray(settings.gates) ? settings.gates : []; // the config may have changed, and nobody has checked it
  const gates = plan.gates.map((gate) =>
    restored(
      gate,
      now.find((each) => each?.name === gate.name && each.kind === gate.kind),
      findings.field("gates").field(gate.name),
    ),
  );
  const source = plan.source && restoredSource(plan.source, settings.source, findings);
  findings.throwIfAny("The run to continue");
  return { ...plan, gates, ...(source === undefined ? {} : { source }) };
}

/** The plan's source of metrics with these texts again; `findings` get those that the settings do not have. */
export function restoredSource(
  source: SourceSettings,
  given: SourceSettings | undefined,
  findings: Findings,
): SourceSettings {
  const { prometheus } = source;
  return prometheus === undefined
    ? source
    : { ...source, prometheus: restored(prometheus, given?.prometheus, findings.field("source").field("prometheus")) };
}

function redactSource({ prometheus, ...source }: SourceSettings): SourceSettings {
  return prometheus === undefined
    ? source
    : {
        ...source,
        prometheus: { ...withoutTexts(prometheus), ...(hasSecrets(prometheus.url) ? {} : { url: prometheus.url }) },
      };
}

/** Whether more than a place is in a URL of a Prometheus. */
function hasSecrets(url: string): boolean {
  const { username, password, search } = new URL(url);
  return username !== "" || password !== "" || search !== "";
}

function withoutTexts<T extends object>(fields: T): T {
  const kept = Object.entries(fields).map(([name, value]) => [
    name,
    CONFIDENTIAL.includes(name) ? closed(name, value) : value,
  ]);
  return Object.fromEntries(kept) as T;
}

function closed(name: string, value: Confidential | Readonly<Record<string, Confidential>>): unknown {
  const one = (text: Confidential) => (isSecretReference(text) ? text : REDACTED);
  return name === "headers"
    ? Object.fromEntries(Object.entries(value).map(([header, text]) => [header, one(text as Confidential)]))
    : one(value as Confidential);
}

function restored<T extends object>(fields: T, given: object | undefined, findings: Findings): T {
  return opened(fields, given, findings) as T;
}

function opened(value: unknown, given: unknown, findings: Findings): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  if ((value as { redacted?: unknown }).redacted !== true) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        opened(each, (given as Fields | undefined)?.[name], findings.field(name)),
      ]),
    );
  }
  if (given === undefined) {
    findings.add(
      "was given as a plain value when the run was started, and was not kept because it may be a secret",
      "give the same flags or settings again, or roll back; next time store it with `pulumi config set --secret NAME` and refer to it as { secret: NAME }",
    );
  }
  return given;
}
