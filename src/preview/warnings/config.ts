import { listed, percent } from "../../internal/format";
import { differences } from "../change/differences";
import { ChangeKind, type Inputs, isKind, isTouched, type ResourceChange } from "../change/resourceChange";
import { valueText } from "../change/valueText";
import type { RouteDiff } from "../traffic/trafficDiff";
import { imagesOf, versionsBehind } from "./versions";
import { WarningCode, type WarningRule } from "./warning";

const NO_WAY_BACK =
  "no weight can roll that back: add a new version with the new config instead, and move the traffic to that one";

/** A version with traffic that keeps its name and its image, and gets pods with another config. */
export const otherConfig: WarningRule = ({ changes: { resources }, routes }) => {
  const shares = servingShares(resources, routes);
  return resources
    .filter((change) => isKind(change, "Deployment") && change.kind === ChangeKind.Update && shares.has(change))
    .flatMap((change) => {
      const { before, after, name } = change;
      const changed = differences(before?.spec?.template, after?.spec?.template);
      // Where the image changes, that is what is warned of.
      return changed.length === 0 || hasOtherImage(before, after)
        ? []
        : [
            {
              code: WarningCode.OtherConfig,
              text: `${name} keeps its name and all its pods are replaced, while it has ${percent((shares.get(change) as number) / 100)} of a route's requests: ${listed(changed.map(told), 3)}. The previous pods will be gone, and ${NO_WAY_BACK}`,
            },
          ];
    });
};

/** A Secret or ConfigMap that changes and keeps its name, while pods with traffic read it. */
export const otherSource: WarningRule = ({ changes: { resources }, routes }) => {
  const shares = servingShares(resources, routes);
  return resources
    .filter((change) => isTouched(change) && change.kind !== ChangeKind.Create && holdsConfig(change))
    .flatMap((change) => {
      const object = (change.before ?? change.after) as Inputs;
      const [kind, { name, namespace }] = [kindOf(change), object.metadata ?? {}];
      const readers = [...shares].filter(
        ([{ before, after }]) =>
          (after ?? before)?.metadata?.namespace === namespace &&
          sourcesOf(after?.spec?.template?.spec).has(`${kind} ${name}`),
      );
      return readers.map(([deployment, share]) => ({
        code: WarningCode.OtherConfig,
        text: `${kind} ${change.name} ${change.kind === ChangeKind.Delete ? "goes" : "changes"} under its name, and ${deployment.name}, which has ${percent(share / 100)} of a route's requests, reads it: pods follow in files within minutes, in their environment when they start anew, and ${NO_WAY_BACK}`,
      }));
    });
};

/** The Deployments that have requests now or will have some, each with its largest share in percent. */
function servingShares(
  resources: readonly ResourceChange[],
  routes: readonly RouteDiff[],
): ReadonlyMap<ResourceChange, number> {
  const shares = new Map<ResourceChange, number>();
  for (const side of ["before", "after"] as const) {
    const versionBehind = versionsBehind(resources, side);
    for (const share of routes.flatMap((route) => route[side]?.shares ?? [])) {
      const { deployment } = versionBehind(share);
      if (deployment !== undefined && share.percent > (shares.get(deployment) ?? 0)) {
        shares.set(deployment, share.percent);
      }
    }
  }
  return shares;
}

function hasOtherImage(before: Inputs | undefined, after: Inputs | undefined): boolean {
  const [old, now] = [imagesOf(before), imagesOf(after)];
  return Object.keys(now).some((container) => container in old && old[container] !== now[container]);
}

function told({ path, before, after }: { path: string; before?: unknown; after?: unknown }): string {
  return `${path.replace(/^spec\./, "")} ${valueText(before)} → ${valueText(after)}`;
}

const HOLDERS = ["ConfigMap", "Secret"];

function holdsConfig(change: ResourceChange): boolean {
  return HOLDERS.some((kind) => isKind(change, kind));
}

function kindOf({ type }: ResourceChange): string {
  return type.split(":").at(-1) as string;
}

/** What pods take their config from, as `KIND NAME`. */
function sourcesOf(pod: Inputs | undefined): ReadonlySet<string> {
  const containers: Inputs[] = [...listOf(pod?.initContainers), ...listOf(pod?.containers)];
  const projected = listOf(pod?.volumes).flatMap((volume) => [volume, ...listOf(volume.projected?.sources)]);
  const names = [
    ...containers.flatMap(({ env, envFrom }) => [
      ...listOf(envFrom).flatMap(({ configMapRef, secretRef }) => pair(configMapRef?.name, secretRef?.name)),
      ...listOf(env).flatMap(({ valueFrom }) => pair(valueFrom?.configMapKeyRef?.name, valueFrom?.secretKeyRef?.name)),
    ]),
    ...projected.flatMap(({ configMap, secret }) => pair(configMap?.name, secret?.secretName ?? secret?.name)),
  ];
  return new Set(names);
}

function pair(configMap: unknown, secret: unknown): string[] {
  return [
    ...(typeof configMap === "string" ? [`ConfigMap ${configMap}`] : []),
    ...(typeof secret === "string" ? [`Secret ${secret}`] : []),
  ];
}

function listOf(value: unknown): Inputs[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];
}
