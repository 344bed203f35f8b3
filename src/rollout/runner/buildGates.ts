import { clusterOf } from "../../config/cluster";
import type { Gate, GateContext } from "../gates/gate";
import { makeGate } from "../gates/kinds";
import { clusterDomainOf } from "../plan/appState";
import { type Plan, versionsOf } from "../plan/plan";
import { makeSource, type SourceSubject } from "../metrics/settings";
import type { MetricsSource } from "../metrics/source";
import type { RunOptions } from "./options";
import { secretsOf } from "./secrets";
import type { StackContext } from "./stackContext";

/** The kind that a gate is written down with that code has brought: only its name can be. */
export const BY_CODE = "code";

/** Builds the source of metrics and the gates of a plan. */
export async function buildGates(
  context: StackContext,
  options: RunOptions,
  plan: Plan,
  approval: GateContext["approval"],
): Promise<{ source: MetricsSource; gates: Gate[] }> {
  const { source = {} } = plan;
  const secret = await secretsOf([source, plan.gates], context.project.name, context.cli);
  const metrics = options.source ?? makeSource(source, await subjectOf(plan, context, options), secret);
  return {
    source: metrics,
    gates: plan.gates.map((definition) =>
      definition.kind === BY_CODE
        ? givenGate(options, definition.name)
        : makeGate(definition, { metrics, approval, secret }),
    ),
  };
}

/** The cluster is asked for nothing where a Prometheus is. */
async function subjectOf(plan: Plan, context: StackContext, { appSelection }: RunOptions): Promise<SourceSubject> {
  const { app, namespace, source } = plan;
  const config = await context.config();
  const cluster = source?.prometheus === undefined ? await clusterOf(config, context.env, context.cli) : undefined;
  const domain = clusterDomainOf(config, appSelection?.prefix);
  return { app, namespace, versions: versionsOf(plan), domain, cluster };
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
