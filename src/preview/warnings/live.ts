import { listed } from "../../internal/format";
import { CLOSED_SECRET } from "../../render/secretMark";
import { differences } from "../change/differences";
import { isKind, type ResourceChange } from "../change/resourceChange";
import { valueText } from "../change/valueText";
import type { KubectlField } from "../live/kubectlFields";
import { type Warning, WarningCode, type WarningRule } from "./warning";

/** Kinds whose pods are replaced where their template changes. */
const WITH_PODS = ["Deployment", "StatefulSet", "DaemonSet", "DeploymentPatch", "StatefulSetPatch", "DaemonSetPatch"];

const POD_TEMPLATE = "spec.template.";

/** What somebody changed with kubectl and the `up` reverts; first where that replaces pods. */
export const kubectlUndone: WarningRule = ({ live, changes: { drift } }) => {
  const told = (live?.undone ?? []).flatMap(({ change, fields }) => {
    const withPods = WITH_PODS.some((kind) => isKind(change, kind));
    const ofPods = fields.filter(({ path }) => withPods && path.startsWith(POD_TEMPLATE));
    // What a drift says already is not told twice, but that pods are replaced.
    const drifted = new Set(
      drift
        .filter(({ urn }) => urn === change.urn)
        .flatMap(({ before, after }) => differences(before, after).map(({ path }) => path)),
    );
    const others = fields.filter((field) => !ofPods.includes(field) && !drifted.has(field.path));
    return [warning(change, ofPods, true), warning(change, others, false)].flat();
  });
  return [...told.filter(({ replacesPods }) => replacesPods), ...told.filter(({ replacesPods }) => !replacesPods)].map(
    ({ code, text }) => ({ code, text }),
  );
};

function warning(
  change: ResourceChange,
  fields: readonly KubectlField[],
  replacesPods: boolean,
): (Warning & { replacesPods: boolean })[] {
  if (fields.length === 0) {
    return [];
  }
  const consequence = replacesPods ? ", and all its pods are replaced" : "";
  return [
    {
      code: WarningCode.KubectlUndone,
      text: `${kindOf(change)} ${change.name}: the up reverts what was changed with kubectl${consequence}: ${listed(fields.map(fieldText), 10)}. To keep it, put it into the program`,
      replacesPods,
    },
  ];
}

function fieldText({ path, manager, live, after }: KubectlField): string {
  const becomes =
    after === undefined
      ? "goes"
      : `becomes ${after === CLOSED_SECRET ? "what the program has, a secret" : valueText(after)}`;
  const from = live === CLOSED_SECRET ? "" : `, now ${valueText(live)},`;
  return `${path} (by ${manager})${from} ${becomes}`;
}

/** Hosts and ports of another object of the cluster. */
export const claimedElsewhere: WarningRule = ({ live }) =>
  (live?.claimed ?? []).map(({ object, other, what, outcome }) => ({
    code: WarningCode.Claimed,
    text: `${object}: ${other}, which is not in this stack, has ${what}, too: ${outcome}`,
  }));

/** Objects that are to be created but exist. */
export const existsAlready: WarningRule = ({ live }) =>
  (live?.existing ?? []).map((change) => ({
    code: WarningCode.Exists,
    text: `${kindOf(change)} ${change.name}: ${change.after?.metadata?.namespace === undefined ? "" : `${change.after.metadata.namespace}/`}${change.after?.metadata?.name} is on the cluster already and not in this stack: the up fails on it, or takes it from whoever made it. Another app may have this name and namespace`,
  }));

function kindOf({ type }: Pick<ResourceChange, "type">): string {
  return type.split(":").at(-1) as string;
}
