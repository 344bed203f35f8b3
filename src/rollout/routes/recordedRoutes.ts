import type { AppReference } from "../../config/stackClusters";
import type { StackResource } from "../../config/stackExport";
import { ComponentType } from "../../internal/componentTypes";
import { isObject } from "../../internal/objects";
import type { WeightedRules } from "../../istio/weightedRules";
import type { Weights } from "../weights";

/** An app's VirtualService as the last `up` of its stack recorded it. */
export interface RecordedRoutes {
  /** Its inputs: what the provider applies. */
  object: Readonly<Record<string, unknown>>;
  /** Under which name the provider applies it. */
  fieldManager: string;
  /** The weights that it has. */
  weights: Weights;
  /** Which of its rules follow them. */
  rules: WeightedRules;
}

const VIRTUAL_SERVICE = /^kubernetes:networking\.istio\.io\/[^:]+:VirtualService$/;

/** Whether a resource is one of those that {@link recordedRoutes} reads. */
export function tellsRoutes({ type }: Pick<StackResource, "type">): boolean {
  return VIRTUAL_SERVICE.test(type) || type === ComponentType.CanaryApp;
}

/**
 * Finds an app's VirtualService in a stack's state.
 *
 * @throws Error that says why it must not be changed without an `up`
 */
export function recordedRoutes(resources: readonly StackResource[], { app, namespace }: AppReference): RecordedRoutes {
  const there = resources.filter(({ delete: isGoing }) => isGoing !== true);
  const found = there.filter(
    ({ type, inputs }) =>
      VIRTUAL_SERVICE.test(type) && inputs?.metadata?.name === app && inputs.metadata.namespace === namespace,
  );
  if (found.length !== 1) {
    throw new Error(`the stack's state has ${found.length === 0 ? "no" : "more than one"} VirtualService ${app}`);
  }
  const [{ inputs, outputs, parent }] = found;
  const component = there.find(({ urn, type }) => urn === parent && type === ComponentType.CanaryApp)?.outputs;
  const { weightedRules, weights } = component ?? {};
  if (!isObject(weightedRules) || !isObject(weights)) {
    throw new Error("the number of pods has to change with the weights");
  }
  const fieldManager = outputs?.__fieldManager;
  if (typeof fieldManager !== "string" || fieldManager === "") {
    throw new Error(`the stack's state does not tell the field manager of VirtualService ${app}`);
  }
  return {
    object: inputs as RecordedRoutes["object"],
    fieldManager,
    weights: weights as Weights,
    rules: weightedRules as unknown as WeightedRules,
  };
}
