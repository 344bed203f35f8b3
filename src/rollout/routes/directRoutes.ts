import { isDeepStrictEqual } from "node:util";
import type { AppReference } from "../../config/stackClusters";
import type { StackResource } from "../../config/stackExport";
import type { KubernetesApi } from "../../internal/kubernetes/api";
import { withWeights } from "../../istio/weightedRules";
import { formatWeights, sameWeights, type Weights } from "../weights";
import { recordedRoutes } from "./recordedRoutes";

/** A change of weights that can be made at once. */
export interface RoutesChange {
  /** Makes it. @throws Error that says why it was not made, or is not known to be made */
  apply(signal: AbortSignal): Promise<void>;
}

/** What is known of the weights that the routes have. */
export interface KnownWeights {
  /** Those that the last `up` may have recorded. */
  recorded: readonly Weights[];
  /** Those that a change ahead of an `up` has given the routes, which no `up` has recorded yet. @default none */
  pending?: Weights;
}

/** Changes the weights of an app's routes ahead of the `up` that records them. */
export interface Routes {
  /**
   * Looks whether the weights can be changed by themselves; changes nothing.
   *
   * @throws Error that says why they cannot
   */
  prepare(weights: Weights, known: KnownWeights, signal: AbortSignal): Promise<RoutesChange>;
}

interface LiveObject {
  metadata: { resourceVersion: string; deletionTimestamp?: string };
  spec: unknown;
}

/** How long the API server may take for either request, in ms: the `up` needs about as long until it begins. */
const PATIENCE_MS = 2000;

/**
 * Changes the VirtualService at the API server: what the provider would apply, under the provider's own name, so that
 * the `up` finds its object as it wants it. Nothing is taken from other field managers, and nothing is changed that has
 * been changed since the last `up`.
 */
export class DirectRoutes implements Routes {
  /**
   * @param cluster Where the app is.
   * @param recorded What the stack's last `up` recorded; at least what `tellsRoutes` says.
   */
  constructor(
    private readonly app: AppReference,
    private readonly cluster: () => Promise<KubernetesApi>,
    private readonly recorded: () => Promise<readonly StackResource[]>,
  ) {}

  async prepare(weights: Weights, { recorded, pending }: KnownWeights, signal: AbortSignal): Promise<RoutesChange> {
    const { object, fieldManager, weights: before, rules } = recordedRoutes(await this.recorded(), this.app);
    if (!recorded.some((each) => sameWeights(each, before))) {
      // The program may make something else of its config.
      throw new Error(`the last \`pulumi up\` has recorded other weights (${formatWeights(before)})`);
    }
    const specFor = (wanted: Weights) => {
      const spec = withWeights(object.spec, rules, before, wanted);
      if (typeof spec === "string") {
        throw new Error(spec);
      }
      return spec;
    };
    const spec = specFor(weights);
    const expected = [object.spec, ...(pending === undefined ? [] : [specFor(pending)])];
    const { app, namespace } = this.app;
    const path = `/apis/${String(object.apiVersion)}/namespaces/${encodeURIComponent(namespace)}/virtualservices/${encodeURIComponent(app)}`;
    const api = await this.cluster();
    const { metadata, spec: live } = await api.json<LiveObject>(path, withPatience(signal));
    if (metadata.deletionTimestamp !== undefined || !expected.some((each) => isDeepStrictEqual(each, live))) {
      throw new Error(`VirtualService ${app} was changed since the last \`pulumi up\``);
    }
    const { resourceVersion } = metadata;
    const wanted = { ...object, metadata: { ...(object.metadata as object), resourceVersion }, spec };
    return { apply: (until) => api.apply(path, wanted, fieldManager, withPatience(until)) };
  }
}

function withPatience(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
}
