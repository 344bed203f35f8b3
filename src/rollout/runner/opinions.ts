import type { Evidence, GateResult, Phase } from "../gates/gate";

/** What a gate said last at one phase of one step. */
export interface Opinion {
  result: GateResult;
  /** So many `failed` in a row; `inconclusive` neither adds to them nor ends them. */
  failuresInARow: number;
}

/** What gates said last, by phase and gate. */
export type Opinions = Readonly<Partial<Record<Phase, Readonly<Record<string, Opinion>>>>>;

/** The opinions after one more sample. */
export function withSample(opinions: Opinions, phase: Phase, results: readonly GateResult[]): Opinions {
  const before = opinions[phase] ?? {};
  const now = Object.fromEntries(
    results.map((result) => [result.gate, { result, failuresInARow: failuresInARow(before[result.gate], result) }]),
  );
  return { ...opinions, [phase]: { ...before, ...now } };
}

/** The same opinions, with no failures counted of these gates. */
export function withoutFailures(opinions: Opinions, gates: readonly string[]): Opinions {
  return Object.fromEntries(
    Object.entries(opinions).map(([phase, byGate]) => [
      phase,
      Object.fromEntries(
        Object.entries(byGate).map(([gate, opinion]) => [
          gate,
          gates.includes(gate) ? { ...opinion, failuresInARow: 0 } : opinion,
        ]),
      ),
    ]),
  );
}

/** What gates gave as evidence with their answers; without those that gave none. */
export function evidenceIn(results: readonly GateResult[]): Record<string, Evidence> {
  return Object.fromEntries(
    results.flatMap(({ gate, evidence }) => (evidence === undefined ? [] : [[gate, evidence]])),
  );
}

/** All of them, whatever the phase. */
export function allOpinions(opinions: Opinions): Opinion[] {
  return Object.values(opinions).flatMap((byGate) => Object.values(byGate));
}

function failuresInARow(before: Opinion | undefined, { verdict }: GateResult): number {
  switch (verdict) {
    case "failed":
      return (before?.failuresInARow ?? 0) + 1;
    case "inconclusive":
      return before?.failuresInARow ?? 0;
    default:
      return 0;
  }
}
