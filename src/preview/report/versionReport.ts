import { ChangeKind, type ResourceChange } from "../change/resourceChange";

/** A version that is added, removed, or gets another image. */
export interface VersionReport {
  name: string;
  change: "create" | "delete" | "update";
  images: readonly string[];
}

/** What happens to a version, if the resource is a version's Deployment and it changes. */
export function versionReport({ type, name, kind, before, after }: ResourceChange): VersionReport[] {
  if (!type.endsWith(":Deployment") || kind === ChangeKind.Same) {
    return [];
  }
  const images = (side: typeof before): string[] => {
    const containers: unknown = side?.spec?.template?.spec?.containers;
    return (Array.isArray(containers) ? containers : []).map(({ image }: { image?: unknown }) => String(image));
  };
  const version = String((after ?? before)?.spec?.template?.metadata?.labels?.version ?? name);
  if (kind === ChangeKind.Create || kind === ChangeKind.Delete) {
    return [{ name: version, change: kind, images: images(after ?? before) }];
  }
  const [old, now] = [images(before), images(after)];
  return old.join() === now.join() ? [] : [{ name: version, change: "update", images: [...old, ...now] }];
}
