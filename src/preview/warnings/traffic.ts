import { percent } from "../../internal/format";
import { ChangeKind } from "../change/resourceChange";
import type { RouteDiff } from "../traffic/trafficDiff";
import { isSetElsewhere } from "./scaling";
import { imagesOf, versionsBehind } from "./versions";
import { type Warning, WarningCode, type WarningRule } from "./warning";

/** A jump larger than allowed. */
export const largeStep: WarningRule = ({ routes, limits: { maxStep } }) =>
  routes
    .filter(({ moved }) => moved > maxStep)
    .map((route) => ({
      code: WarningCode.LargeStep,
      text: `${where(route)}: ${percent(route.moved / 100)} of the requests move in one change; at most ${percent(maxStep / 100)} are allowed`,
    }));

/** Traffic to a version that is new, missing, or without pods. */
export const versionNotReady: WarningRule = ({ routes, changes: { resources } }) => {
  const isFirst = routes.every(({ before }) => before === undefined);
  const versionBehind = versionsBehind(resources, "after");
  return routes.flatMap((route) =>
    (route.after?.shares ?? [])
      .filter((share) => share.percent > 0 && share.subset !== undefined)
      .flatMap((share): Warning[] => {
        const { declared, deployment } = versionBehind(share);
        const gets = `${where(route)}: ${share.to} gets ${percent(share.percent / 100)} of the requests`;
        if (declared === false) {
          return [
            {
              code: WarningCode.MissingVersion,
              text: `${gets}, but no DestinationRule of ${share.host} has that subset: they would fail`,
            },
          ];
        }
        if (deployment?.after?.spec?.replicas === 0 && !isSetElsewhere(deployment.after)) {
          return [{ code: WarningCode.NoReplicas, text: `${gets} and has no replicas: they would fail` }];
        }
        return deployment?.kind === ChangeKind.Create && !isFirst
          ? [
              {
                code: WarningCode.NewVersion,
                text: `${gets} in the same change that creates it: nobody has seen it run`,
              },
            ]
          : [];
      }),
  );
};

/** A version that keeps its name and gets another image, while it has traffic or will have some. */
export const otherImage: WarningRule = ({ changes: { resources } }) =>
  resources
    .filter(
      ({ type, kind }) => type.endsWith(":Deployment") && (kind === ChangeKind.Update || kind === ChangeKind.Replace),
    )
    .flatMap(({ before, after, name }) => {
      const [old, now] = [imagesOf(before), imagesOf(after)];
      return Object.keys(now)
        .filter((container) => container in old && old[container] !== now[container])
        .map((container) => ({
          code: WarningCode.OtherImage,
          text: `${name} keeps its name and gets another image: ${old[container]} → ${now[container]}. The previous pods will be gone, so no weight can roll back to them`,
        }));
    });

/** A version that is removed while it has traffic. */
export const removedWithTraffic: WarningRule = ({ routes, changes: { resources } }) => {
  const versionBehind = versionsBehind(resources, "before");
  return routes.flatMap((route) =>
    (route.before?.shares ?? [])
      .filter((share) => share.percent > 0)
      .filter((share) => versionBehind(share).deployment?.kind === ChangeKind.Delete)
      .map(({ to, percent: share }) => ({
        code: WarningCode.RemovedVersion,
        text: `${where(route)}: ${to} is removed while it serves ${percent(share / 100)} of the requests: no weight can roll back to it`,
      })),
  );
};

function where({ hosts, requests }: RouteDiff): string {
  return `${hosts.join(", ")}, ${requests}`;
}
