import type { Gate, GateContext } from "../gates/gate";
import { makeGate } from "../gates/kinds";
import type { Plan } from "../plan/plan";
import type { RunOptions } from "./options";
import { secretsOf } from "./secrets";
import { makeSources, type RunClusters, type RunSources } from "./sources";
import type { StackContext } from "./stackContext";

/** The kind that a gate is written down with that code has brought: only its name can be. */
export const BY_CODE = "code";

/** Builds the sources of metrics and the gates of a plan. The clusters are asked for nothing where a Prometheus is. */
export async function buildGates(
  context: StackContext,
  options: RunOptions,
  plan: Plan,
  clusters: RunClusters,
  approval: GateContext["approval"],
): Promise<{ sources: RunSources; gates: Gate[] }> {
  const secret = await secretsOf([plan.source ?? {}, plan.gates], context.project.name, context.cli);
  const sources = await makeSources(context, options, plan, clusters, secret);
  const metricsOf = (app: unknown) => sources.others[app as string] ?? sources.own;
  return {
    sources,
    gates: plan.gates.map((definition) =>
      definition.kind === BY_CODE
        ? givenGate(options, definition.name)
        : makeGate(definition, { metrics: metricsOf(definition.app), approval, secret }),
    ),
  };
}

/** Whether a plan's figures are read through the API server of the app's cluster. */
export function readsCluster(options: RunOptions, { source }: Plan): boolean {
  return options.source === undefined && source?.prometheus === undefined;
}

function givenGate({ gates = [] }: RunOptions, name: string): Gate {
  const given = gates.find((gate) => gate.name === name);
  if (given === undefined) {
    throw new Error(
      `The run was started from code with its own gate ${name}; continue it with that gate, or roll it back`,
    );
  }
  return given;
}
