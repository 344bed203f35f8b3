import type { PolicyConfigSchema } from "@pulumi/policy";

/** A Kubernetes object as it is about to be brought to the cluster; any field can be missing or not known yet. */
export type KubernetesObject = Readonly<Record<string, any>>;

/**
 * A guard rail: looks at one object, and says what is wrong with it. It never throws. Policies are shown secrets as
 * they are, and are not told which values are some: a message says where something is, and never what it is.
 */
export interface ObjectRule<Config extends object> {
  /** Its name, also the key of its config. */
  name: string;
  /** One sentence for the list of policies. */
  description: string;
  /** The fields of its config; all have defaults. */
  config: Readonly<Record<keyof Config & string, PolicyConfigSchema["properties"][string]>>;
  /** One message for each violation, to stand behind the object's name: where it is, what is allowed, what to do. */
  check(object: KubernetesObject, config: Config): string[] | Promise<string[]>;
}

/** An object, and the name that the program gives it, which is no secret. */
export interface NamedObject {
  name: string;
  object: KubernetesObject;
}

/** A guard rail over all objects of a stack. */
export interface StackRule<Config extends object> extends Omit<ObjectRule<Config>, "check"> {
  check(objects: readonly NamedObject[], config: Config): string[];
}

/** Whether it is an object of that kind and API group, whatever its version. */
export function isOfKind({ apiVersion, kind }: KubernetesObject, group: string, ...kinds: string[]): boolean {
  return (
    typeof apiVersion === "string" &&
    (apiVersion.includes("/") ? apiVersion.split("/")[0] : "") === group &&
    kinds.includes(kind)
  );
}

/** A list, whatever stands in its place. */
export function list(value: unknown): any[] {
  return Array.isArray(value) ? value.filter((each) => each !== undefined && each !== null) : [];
}

/** The API groups of Istio. */
export const NETWORKING = "networking.istio.io";
export const SECURITY = "security.istio.io";
