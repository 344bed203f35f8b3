import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import { type Check, type Rule, atLeastOneOf, shape } from "../validation/shape";
import { flag, integer } from "../validation/values";

/**
 * As whom a version's pods run and what they may do. What is left out keeps to the «restricted» Pod Security Standard.
 */
export interface SecurityArgs {
  /** The user's id, 0 to 2147483647. PodSpec `securityContext.runAsUser`. @default the image's */
  runAsUser?: Input<number>;
  /** The group's id, 0 to 2147483647. PodSpec `securityContext.runAsGroup`. @default the image's */
  runAsGroup?: Input<number>;
  /** The group that volumes belong to, 0 to 2147483647. PodSpec `securityContext.fsGroup`. @default none */
  fsGroup?: Input<number>;
  /**
   * Whether a container that would run as root is not started. False is not «restricted». PodSpec
   * `securityContext.runAsNonRoot`.
   * @default true
   */
  runAsNonRoot?: Input<boolean>;
  /** Whether nothing but volumes is writable. Container `securityContext.readOnlyRootFilesystem`. @default true */
  readOnlyRootFilesystem?: Input<boolean>;
  /**
   * Whether a process may gain more rights than its parent. True is not «restricted». Container
   * `securityContext.allowPrivilegeEscalation`.
   * @default false
   */
  allowPrivilegeEscalation?: Input<boolean>;
}

const id = integer(0, 2 ** 31 - 1, "an id from 0 to 2147483647");

/** The kubelet would start no such container, and the version would wait for its pods in vain. */
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

/** The check of what pods may do. */
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
