/** What becomes of a resource. */
export const ChangeKind = {
  Create: "create",
  Update: "update",
  Replace: "replace",
  Delete: "delete",
  Same: "same",
} as const;
export type ChangeKind = (typeof ChangeKind)[keyof typeof ChangeKind];

/** A resource of a stack, before and after. */
export interface ResourceChange {
  urn: string;
  /** Its type token, e.g. `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Its name in the program. */
  name: string;
  kind: ChangeKind;
  /** The name of the CanaryApp that it belongs to; undefined for one outside of every app. */
  app?: string;
  /** Its provider as the engine names it, `URN::ID`; undefined where there is no engine. */
  provider?: string;
  /** Whether it is there already, and only comes into the stack. @default false */
  isImport?: boolean;
  /** Its inputs as they were brought to the cluster last; undefined for one that comes. */
  before?: Inputs;
  /** Its inputs as they will be; undefined for one that goes. What is not known yet is missing, or marked. */
  after?: Inputs;
}

/** A resource's inputs; of a Kubernetes object the object itself. Secret values are masked by the engine. */
export type Inputs = Readonly<Record<string, any>>;

/** An object that is not on the cluster as the last `up` left it. */
export interface Drift {
  urn: string;
  type: string;
  name: string;
  /** Whether it is gone from the cluster. */
  gone: boolean;
  /** Its inputs as the last `up` left them. */
  before?: Inputs;
  /** And as they are on the cluster. */
  after?: Inputs;
}

/** What the engine or a provider warned of or failed with. */
export interface Diagnostic {
  severity: "warning" | "error";
  message: string;
  /** The resource that it is about, if it is about one. */
  urn?: string;
}

/** What a policy had to say. */
export interface PolicyFinding {
  policy: string;
  pack: string;
  /** Whether it keeps an `up` from being done. */
  mandatory: boolean;
  /** False if it could not be evaluated because a value is unknown; whether it is mandatory is not told then. */
  evaluated: boolean;
  message: string;
  urn?: string;
}

/** What a preview told, without how the engine tells it. */
export interface ObservedChanges {
  /** Every resource of the stack, unchanged ones too, in the order in which the engine came to them. */
  resources: readonly ResourceChange[];
  drift: readonly Drift[];
  diagnostics: readonly Diagnostic[];
  policies: readonly PolicyFinding[];
}

/** Whether it is a Kubernetes object of this kind, whatever its API version. */
export function isKind(
  { type, before, after }: Pick<ResourceChange, "type" | "before" | "after">,
  kind: string,
): boolean {
  return type.startsWith("kubernetes:") && type.endsWith(`:${kind}`) && (after ?? before) !== undefined;
}

/** Whether something is not as it was. */
export function isTouched({ kind }: ResourceChange): boolean {
  return kind !== ChangeKind.Same;
}

/** `namespace/name` of a Kubernetes object, or what is known of it. */
export function objectName({ metadata = {} }: Inputs): string {
  return [metadata.namespace, metadata.name ?? "?"].filter((part) => part !== undefined).join("/");
}
