import type { KubernetesApi } from "../../internal/kubernetes/api";
import { CLOSED_SECRET } from "../../render/secretMark";
import { UNKNOWN_VALUE } from "../../render/unknownMark";
import {
  ChangeKind,
  type Inputs,
  isKind,
  isTouched,
  objectName,
  type ObservedChanges,
  type ResourceChange,
} from "../change/resourceChange";
import { type ClaimedElsewhere, claimedElsewhere } from "./claimedElsewhere";
import { type KubectlField, kubectlFields } from "./kubectlFields";
import { LiveObjects } from "./liveObjects";

/** What a reviewer should know about the cluster, in addition to the changes. */
export interface LiveView {
  /** What the update of each object reverts of changes made with kubectl. */
  undone: readonly { change: ResourceChange; fields: readonly KubectlField[] }[];
  /** Objects that are to be created, but exist. */
  existing: readonly ResourceChange[];
  claimed: readonly ClaimedElsewhere[];
  /** What could not be read, one reason each. */
  unread: readonly string[];
}

/** Opens the API server that a provider talks to; undefined for the provider of a recording. */
export type OpenApi = (provider: string | undefined) => Promise<KubernetesApi>;

const NETWORKING = "networking.istio.io/v1";

/**
 * Looks up the objects that change in the cluster: who else has changed them, which of them exist already, and who else
 * has their hosts and ports. Changes nothing.
 */
export async function lookAtCluster(
  changes: ObservedChanges,
  openApi: OpenApi,
  signal: AbortSignal,
): Promise<LiveView> {
  const touched = changes.resources.filter((change) => isTouched(change) && isObjectChange(change));
  const byProvider = new Map<string | undefined, ResourceChange[]>();
  for (const change of touched) {
    byProvider.set(change.provider, [...(byProvider.get(change.provider) ?? []), change]);
  }
  const views = await Promise.all(
    [...byProvider].map(([provider, own]) => viewOf(own, changes, () => openApi(provider), signal)),
  );
  return {
    undone: views.flatMap(({ undone }) => undone),
    existing: views.flatMap(({ existing }) => existing),
    claimed: views.flatMap(({ claimed }) => claimed),
    unread: [...new Set(views.flatMap(({ unread }) => unread))],
  };
}

/** Whether the program's object can be found on a cluster: it has a kind, and a name of its own. */
function isObjectChange({ type, before, after }: ResourceChange): boolean {
  const { apiVersion, kind, metadata } = after ?? before ?? {};
  return (
    type.startsWith("kubernetes:") &&
    [apiVersion, kind, metadata?.name].every(
      (text) => typeof text === "string" && text !== CLOSED_SECRET && !text.includes(UNKNOWN_VALUE),
    )
  );
}

async function viewOf(
  touched: readonly ResourceChange[],
  { resources }: ObservedChanges,
  openApi: () => Promise<KubernetesApi>,
  signal: AbortSignal,
): Promise<LiveView> {
  const unread: string[] = [];
  let api: KubernetesApi | undefined;
  try {
    api = await openApi();
    const objects = new LiveObjects(api, signal);
    const noting = async <T>(asked: Promise<T>, what: string): Promise<T | undefined> =>
      asked.catch((error: Error) => {
        unread.push(`${what} (${error.message})`);
        return undefined;
      });
    const found = await Promise.all(
      touched
        .filter(({ kind, isImport }) => kind === ChangeKind.Update || (kind === ChangeKind.Create && isImport !== true))
        .map(async (change) => ({
          change,
          live: await noting(objects.get(change.after as Inputs), `what others did to ${change.name} is not known`),
        })),
    );
    const routing = touched.some((change) => isKind(change, "VirtualService") || isKind(change, "Gateway"));
    const claimed = routing ? await noting(claimedBy(touched, resources, objects), UNKNOWN_HOSTS) : undefined;
    return { ...seenIn(found), claimed: claimed ?? [], unread };
  } catch (error) {
    return { undone: [], existing: [], claimed: [], unread: [(error as Error).message] };
  } finally {
    api?.close();
  }
}

const UNKNOWN_HOSTS = "whether other objects of the cluster have the same hosts and ports is not known";

function seenIn(
  found: readonly { change: ResourceChange; live: Inputs | undefined }[],
): Pick<LiveView, "undone" | "existing"> {
  const there = found.flatMap(({ change, live }) => (live === undefined ? [] : [{ change, live }]));
  return {
    undone: there
      .filter(({ change: { kind } }) => kind === ChangeKind.Update)
      .map(({ change, live }) => ({
        change,
        fields: kubectlFields(live, change.after as Inputs, change.type.endsWith("Patch")),
      }))
      .filter(({ fields }) => fields.length > 0),
    existing: there
      .filter(({ change: { kind, type } }) => kind === ChangeKind.Create && !type.endsWith("Patch"))
      .map(({ change }) => change),
  };
}

/** What the stack's VirtualServices and Gateways that change have in common with those outside of the stack. */
async function claimedBy(
  touched: readonly ResourceChange[],
  resources: readonly ResourceChange[],
  objects: LiveObjects,
): Promise<ClaimedElsewhere[]> {
  const [virtualServices, gateways] = await Promise.all([
    objects.list(NETWORKING, "VirtualService"),
    objects.list(NETWORKING, "Gateway"),
  ]);
  const coming = (kind: string) =>
    touched.flatMap((change) => (isKind(change, kind) && change.after !== undefined ? [change.after] : []));
  const outside = (kind: string, live: readonly Inputs[]) => {
    const ofStack = resources
      .filter((change) => isKind(change, kind))
      .flatMap(({ before, after }) =>
        [before, after].flatMap((side) => (side === undefined ? [] : [objectName(side)])),
      );
    return live.filter((object) => !ofStack.includes(objectName(object)));
  };
  return claimedElsewhere(
    { virtualServices: coming("VirtualService"), gateways: coming("Gateway") },
    { virtualServices: outside("VirtualService", virtualServices), gateways: outside("Gateway", gateways) },
  );
}
