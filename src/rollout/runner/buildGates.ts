import type { ClusterReference } from "../../internal/kubernetes/api";
import type { Gate, GateContext } from "../gates/gate";
import { makeGate } from "../gates/kinds";
import { clusterDomainOf } from "../plan/appState";
import { type Plan, versionsOf } from "../plan/plan";
import { makeSource } from "../metrics/settings";
import type { MetricsSource } from "../metrics/source";
import type { RunOptions } from "./options";
import { secretsOf } from "./secrets";
import type { StackContext } from "./stackContext";

/** The kind that a gate is written down with that code has brought: only its name can be. */
export const BY_CODE = "code";

/**
 * Builds the source of metrics and the gates of a plan.
 *
 * @param cluster The app's cluster. It is asked for nothing where a Prometheus is.
 */
export async function buildGates(
  context: StackContext,
  options: RunOptions,
  plan: Plan,
  cluster: () => Promise<ClusterReference>,
  approval: GateContext["approval"],
): Promise<{ source: MetricsSource; gates: Gate[] }> {
  const { source = {}, app, namespace } = plan;
  const secret = await secretsOf([source, plan.gates], context.project.name, context.cli);
  const domain = clusterDomainOf(await context.config(), options.appSelection?.prefix);
  const subject = { app, namespace, versions: versionsOf(plan), domain, cluster };
  const metrics = options.source ?? makeSource(source, subject, secret);
  return {
    source: metrics,
    gates: plan.gates.map((definition) =>
      definition.kind === BY_CODE
        ? givenGate(options, definition.name)
        : makeGate(definition, { metrics, approval, secret }),
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
