import { Findings, shown } from "../../validation/problem";
import { type Check, list, required, shape } from "../../validation/shape";
import { amount, oneOf, pattern } from "../../validation/values";
import { APPROVAL_FIELDS, type ApprovalGate, approvalGate } from "./approval";
import { gateWithTimeout } from "./gateWithTimeout";
import { BASELINE_FIELDS, type BaselineGate, evaluateBaseline } from "./baseline";
import { type Gate, type GateDefinition, type GateInput, type GateContext, OnFailure, Phase } from "./gate";
import type { Assessment } from "./assessment";
import { LATENCY_FIELDS, type LatencyGate, evaluateLatency } from "./latency";
import { PROMQL_FIELDS, PROMQL_RULES, type PromqlGate, promqlGate } from "./promql";
import { SUCCESS_RATE_FIELDS, type SuccessRateGate, evaluateSuccessRate } from "./successRate";
import { judgedTraffic } from "./trafficGate";
import { WEBHOOK_FIELDS, type WebhookGate, webhookGate } from "./webhook";

/** Every gate that there is. */
export type AnyGate = SuccessRateGate | LatencyGate | BaselineGate | PromqlGate | WebhookGate | ApprovalGate;

type Answering = (question: GateInput, signal: AbortSignal) => Promise<Assessment>;

/** What a kind of gates consists of. */
interface Kind<T> {
  check: Check;
  phases(definition: T): readonly Phase[];
  answering(definition: T, surroundings: GateContext): Answering;
}

const COMMON_FIELDS = {
  name: required(
    pattern(
      // A plan has one gate for each app: `errors (cart)`.
      /^[A-Za-z0-9][\w .-]{0,62}( \([a-z0-9.-]{1,127}\))?$/,
      "a name of at most 63 letters, digits, spaces, '-', '_' and '.', starting with a letter or digit",
    ),
    "a name",
  ),
  kind: required(() => undefined, "a kind"),
};
const TIMED_FIELDS = {
  ...COMMON_FIELDS,
  onFailure: oneOf(Object.values(OnFailure)),
  timeoutSeconds: amount(0.1, 600, "a number of seconds from 0.1 to 600"),
};

const WHILE_HELD = () => [Phase.Hold];

const KINDS: { readonly [K in AnyGate["kind"]]: Kind<Extract<AnyGate, { kind: K }>> } = {
  "success-rate": {
    check: shape({ ...TIMED_FIELDS, ...SUCCESS_RATE_FIELDS }),
    phases: WHILE_HELD,
    answering: (definition, { metrics }) => judgedTraffic(definition, metrics, evaluateSuccessRate),
  },
  latency: {
    check: shape({ ...TIMED_FIELDS, ...LATENCY_FIELDS }),
    phases: WHILE_HELD,
    answering: (definition, { metrics }) => judgedTraffic(definition, metrics, evaluateLatency),
  },
  baseline: {
    check: shape({ ...TIMED_FIELDS, ...BASELINE_FIELDS }),
    phases: WHILE_HELD,
    answering: (definition, { metrics }) => judgedTraffic(definition, metrics, evaluateBaseline),
  },
  promql: {
    check: shape({ ...TIMED_FIELDS, ...PROMQL_FIELDS }, ...PROMQL_RULES),
    phases: WHILE_HELD,
    answering: (definition, { metrics }) => promqlGate(definition, metrics),
  },
  webhook: {
    check: shape({ ...TIMED_FIELDS, ...WEBHOOK_FIELDS }),
    phases: ({ when = Phase.Hold }) => [when].flat(),
    answering: (definition, { secret }) => webhookGate(definition, secret),
  },
  approval: {
    check: shape({ ...COMMON_FIELDS, ...APPROVAL_FIELDS }),
    phases: ({ when = Phase.Promotion }) => [when].flat(),
    answering: (definition, { approval }) => approvalGate(definition, approval),
  },
};

/** What `kind` a gate can have. */
export const GATE_KINDS = Object.keys(KINDS) as AnyGate["kind"][];

/** Records what is wrong with the definition of one gate. */
export function checkGate(definition: unknown, findings: Findings): void {
  if (typeof definition !== "object" || definition === null || Array.isArray(definition)) {
    findings.add(`is ${shown(definition)}`, "expected an object with name, kind and the fields of that kind");
    return;
  }
  const { kind } = definition as { kind?: unknown };
  if (!isKind(kind)) {
    findings
      .field("kind")
      .add(kind === undefined ? "is missing" : `is ${shown(kind)}`, `expected one of ${GATE_KINDS.join(", ")}`);
    return;
  }
  KINDS[kind].check(definition, findings);
}

/** Records what is wrong with the gates of a plan: with each of them, and names that two of them have. */
export function checkGates(definitions: unknown, findings: Findings): void {
  list(checkGate, "a list of gates")(definitions, findings);
  const names = Array.isArray(definitions)
    ? definitions.map((definition) => (definition as GateDefinition | null)?.name)
    : [];
  names.forEach((name, index) => {
    const first = names.indexOf(name);
    if (typeof name === "string" && first !== index) {
      findings
        .field(index)
        .field("name")
        .add(`is ${shown(name)}, also the name of gate ${first}`, "gate names must be unique");
    }
  });
}

/**
 * When a gate of this sound definition is asked; undefined for a gate that code has brought, which only the code knows.
 */
export function phasesOf(definition: GateDefinition): readonly Phase[] | undefined {
  return isKind(definition.kind) ? (KINDS[definition.kind] as Kind<GateDefinition>).phases(definition) : undefined;
}

/** Whether a gate of this definition judges requests, as proxies count them. */
export function needsRequests({ kind }: Pick<Partial<GateDefinition>, "kind">): boolean {
  return kind === "success-rate" || kind === "latency" || kind === "baseline";
}

/** Whether a gate of this definition can only be asked of a Prometheus. */
export function needsPrometheus({ kind }: GateDefinition): boolean {
  return kind === "promql";
}

/**
 * The gate of a definition.
 * @throws ValidationError if the definition is wrong
 */
export function makeGate(definition: GateDefinition, surroundings: GateContext): Gate {
  const findings = Findings.at();
  checkGate(definition, findings);
  findings.throwIfAny(`Gate ${shown(definition?.name)}`);
  const kind = KINDS[definition.kind as AnyGate["kind"]] as Kind<GateDefinition>;
  return gateWithTimeout(
    definition as { name: string; timeoutSeconds?: number },
    kind.phases(definition),
    kind.answering(definition, surroundings),
  );
}

function isKind(kind: unknown): kind is AnyGate["kind"] {
  return GATE_KINDS.includes(kind as AnyGate["kind"]);
}
