import { listed } from "../../internal/format";
import { differences } from "../change/differences";
import { ChangeKind, type Inputs, isKind, isTouched, objectName, type ResourceChange } from "../change/resourceChange";
import { valueText } from "../change/valueText";
import { CLOSED_SECRET } from "../../render/secretMark";
import { UNKNOWN_VALUE } from "../../render/unknownMark";
import { Hidden, hiddenBy } from "../traffic/currentRoutes";
import { isLeftAlone } from "./scaling";
import { imagesOf } from "./versions";
import { WarningCode, type WarningRule } from "./warning";

/** Everything that is deleted and created again. */
export const replacement: WarningRule = ({ changes: { resources } }) =>
  resources
    .filter(({ kind }) => kind === ChangeKind.Replace)
    .map((change) => ({
      code: WarningCode.Replacement,
      text: `${kindOf(change)} ${change.name} is deleted and created again`,
    }));

/** What changes and belongs to no app, in a stack that has one. */
export const outsideApp: WarningRule = ({ changes: { resources } }) => {
  const outside = resources.filter(
    (change) => change.app === undefined && isTouched(change) && !change.type.startsWith("pulumi:"),
  );
  return outside.length === 0 || resources.every(({ app }) => app === undefined)
    ? []
    : [
        {
          code: WarningCode.OutsideApp,
          text: `outside of the app: ${listed(outside.map((change) => `${kindOf(change)} ${change.name} (${change.kind})`))}`,
        },
      ];
};

/** Images whose name does not say which they are. */
export const imageTag: WarningRule = ({ changes: { resources } }) =>
  resources
    .filter((change) => isKind(change, "Deployment") && isTouched(change))
    .flatMap(({ name, after }) =>
      [...new Set(Object.values(imagesOf(after)))].filter(isUntagged).map((image) => ({
        code: WarningCode.ImageTag,
        text: `${name}: the image ${image} has no fixed tag: what runs can change without a change here`,
      })),
    );

function isUntagged(image: string): boolean {
  const [name, digest] = image.split("@");
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  return (
    image !== "" &&
    image !== CLOSED_SECRET &&
    !image.includes(UNKNOWN_VALUE) &&
    digest === undefined &&
    (tag === undefined || tag === "latest")
  );
}

/** Every host is taken where it was not before. */
export const hostStar: WarningRule = ({ changes: { resources } }) =>
  resources
    .filter(
      (change) =>
        (isKind(change, "VirtualService") || isKind(change, "Gateway")) &&
        takesAll(change.after) &&
        !takesAll(change.before),
    )
    .map((change) => ({
      code: WarningCode.HostStar,
      text: `${kindOf(change)} ${objectName(change.after as Inputs)} takes every host ("*")`,
    }));

function takesAll(object: Inputs | undefined): boolean {
  const hosts = [
    object?.spec?.hosts,
    ...(Array.isArray(object?.spec?.servers) ? object.spec.servers : []).map(({ hosts: served }: Inputs) => served),
  ].flat();
  return hosts.some((host) => typeof host === "string" && (host === "*" || host.endsWith("/*")));
}

/** What somebody else changed on the cluster since the last `up`. */
export const drift: WarningRule = ({ changes }) =>
  changes.drift.flatMap(({ type, name, gone, before, after }) => {
    const leftAlone = type.endsWith(":Deployment") && isLeftAlone(before ?? {});
    const changed = differences(before, after)
      .filter(({ path }) => !(leftAlone && path === "spec.replicas"))
      .map(({ path, before: old, after: now }) => `${path} ${valueText(old)} → ${valueText(now)}`);
    if (leftAlone && !gone && changed.length === 0) {
      return []; // an autoscaler did its work
    }
    const how = gone
      ? "is gone from the cluster"
      : `was changed on the cluster since the last up: ${listed(changed, 3)}`;
    return [
      {
        code: WarningCode.Drift,
        text: `${kindOf({ type })} ${name} ${how}. The up restores what the program says`,
      },
    ];
  });

/** Why the preview is no proof. */
export const unverified: WarningRule = ({ unverified: reasons, live }) =>
  [...reasons, ...(live?.unread ?? [])].map((reason) => ({
    code: WarningCode.Unverified,
    text: `not verified: ${reason}`,
  }));

/** Routes that change and cannot be read. */
export const secretRoutes: WarningRule = ({ changes: { resources } }) =>
  resources
    .filter((change) => isTouched(change) && hiddenBy(change) === Hidden.Secret)
    .map((change) => ({
      code: WarningCode.SecretRoutes,
      text: `${kindOf(change)} ${change.name} contains secrets: where its requests go cannot be shown`,
    }));

/** Routes that change and are not known yet. */
export const unknownRoutes: WarningRule = ({ changes: { resources } }) =>
  resources
    .filter((change) => isTouched(change) && hiddenBy(change) === Hidden.Unknown)
    .map((change) => ({
      code: WarningCode.UnknownRoutes,
      text: `${kindOf(change)} ${change.name} depends on resources that are still to be created: where its requests go is not known`,
    }));

function kindOf({ type }: Pick<ResourceChange, "type">): string {
  return type.split(":").at(-1) as string;
}
