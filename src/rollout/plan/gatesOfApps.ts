import { type Findings, shown } from "../../validation/problem";
import type { GateDefinition } from "../gates/gate";
import { needsRequests } from "../gates/kinds";
import { Of } from "../gates/sampleSize";

/** The names of the apps that gates can judge. */
export interface JudgedApps {
  /** The plan's own. */
  own: string;
  /** Those that take the same steps. */
  others: readonly string[];
  /** Those whose shares stay. */
  watched: readonly string[];
}

/**
 * The gates of a plan: those that judge requests, one for each app that the run moves, unless they name the app that
 * they judge. All other gates are asked once, about the plan's own app.
 *
 * @param findings Its path is where the gates stand.
 */
export function gatesOfApps(
  gates: readonly GateDefinition[],
  { own, others, watched }: JudgedApps,
  findings: Findings,
): GateDefinition[] {
  const all = gates.flatMap((gate, index) => {
    if (gate.app !== undefined) {
      const named = gate.app as string;
      if (watched.includes(named)) {
        checkWatching(gate, named, findings.field(index));
        return [{ ...gate, of: Of.App }];
      }
      if (named !== own && !others.includes(named)) {
        findings
          .field(index)
          .field("app")
          .add(
            `is ${shown(named)}, and no app of the run is called so`,
            `expected one of ${[own, ...others, ...watched].join(", ")}; name further apps of the stack in rollout.with or rollout.watch`,
          );
      }
      return [gate];
    }
    return needsRequests(gate)
      ? [gate, ...others.map((app) => ({ ...gate, name: `${gate.name} (${app})`, app }))]
      : [gate];
  });
  const names = all.map(({ name }) => name);
  gates.forEach(({ name }, index) => {
    if (names.indexOf(name) !== names.lastIndexOf(name)) {
      findings
        .field(index)
        .field("name")
        .add(`is ${shown(name)}, as a gate of another app is called`, "choose another name");
    }
  });
  return all;
}

function checkWatching(gate: GateDefinition, app: string, findings: Findings): void {
  if (gate.kind === "baseline") {
    findings
      .field("app")
      .add(
        `is ${app}, whose shares stay`,
        "baseline compares a target with the other versions: use success-rate or latency",
      );
  } else if (gate.of === Of.Target) {
    findings.field("of").add(`is target, and ${app} has none in this run`, "expected app, or leave it out");
  }
}
