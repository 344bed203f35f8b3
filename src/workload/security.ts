import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import { type Check, type Rule, atLeastOneOf, shape } from "../validation/shape";
import { flag, integer } from "../validation/values";

/**
 * The user that a version's pods run as, and what they may do. The defaults satisfy the "restricted" Pod Security
 * Standard.
 */
export interface SecurityArgs {
  /** The user's id, 0 to 2147483647. PodSpec `securityContext.runAsUser`. @default the image's */
  runAsUser?: Input<number>;
  /** The group's id, 0 to 2147483647. PodSpec `securityContext.runAsGroup`. @default the image's */
  runAsGroup?: Input<number>;
  /** The group that volumes belong to, 0 to 2147483647. PodSpec `securityContext.fsGroup`. @default none */
  fsGroup?: Input<number>;
  /**
   * Whether Kubernetes refuses to start a container that would run as root. False is not "restricted". PodSpec
   * `securityContext.runAsNonRoot`.
   * @default true
   */
  runAsNonRoot?: Input<boolean>;
  /** Whether only volumes are writable. Container `securityContext.readOnlyRootFilesystem`. @default true */
  readOnlyRootFilesystem?: Input<boolean>;
  /**
   * Whether a process may gain more privileges than its parent. True is not "restricted". Container
   * `securityContext.allowPrivilegeEscalation`.
   * @default false
   */
  allowPrivilegeEscalation?: Input<boolean>;
}

const id = integer(0, 2 ** 31 - 1, "an id from 0 to 2147483647");

/** The kubelet would never start such a container, and the version would wait for its pods in vain. */
const rootIsAllowed: Rule<Plain<SecurityArgs>> = ({ runAsUser, runAsNonRoot }, findings) => {
  if (runAsUser === 0 && (runAsNonRoot === undefined || runAsNonRoot === true)) {
    findings
      .field("runAsUser")
      .add("is 0, which is root, but runAsNonRoot is true", "another user is needed, or runAsNonRoot false");
  }
};

const FIELDS = {
  runAsUser: id,
  runAsGroup: id,
  fsGroup: id,
  runAsNonRoot: flag,
  readOnlyRootFilesystem: flag,
  allowPrivilegeEscalation: flag,
};

/** The check of `securityContext`. */
export const securityCheck: Check = shape<Plain<SecurityArgs>>(
  FIELDS,
  atLeastOneOf(...Object.keys(FIELDS)),
  rootIsAllowed,
);

/** Kubernetes' `PodSecurityContext`. */
export function podSecurity({ runAsUser, runAsGroup, fsGroup, runAsNonRoot = true }: Plain<SecurityArgs> = {}): object {
  const ids = Object.entries({ runAsUser, runAsGroup, fsGroup }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(ids), runAsNonRoot, seccompProfile: { type: "RuntimeDefault" } };
}

/** Kubernetes' `SecurityContext` of the container. */
export function containerSecurity({
  readOnlyRootFilesystem = true,
  allowPrivilegeEscalation = false,
}: Plain<SecurityArgs> = {}): object {
  return { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities: { drop: ["ALL"] } };
}
