import type { Input } from "@pulumi/pulumi";
import { type Check, exactlyOneOf, list, shape } from "../validation/shape";
import { percentage } from "../validation/values";
import {
  type Destination,
  type ServiceTargetArgs,
  serviceDestination,
  serviceTarget,
  versionDestination,
  versionOf,
} from "./destination";
import type { Plain } from "./plain";

/** Who gets copies of requests; the responses to copies are dropped. Set exactly one of `version` and `service`. */
export interface MirrorArgs {
  /** One of the app's versions. VirtualService `http[].mirrors[].destination.subset`. */
  version?: Input<string>;
  /** Another Service. VirtualService `http[].mirrors[].destination`. */
  service?: Input<ServiceTargetArgs>;
  /**
   * The share of the requests that are copied, in percent from 0 to 100. VirtualService
   * `http[].mirrors[].percentage.value`.
   * @default 100
   */
  percentage?: Input<number>;
}

/** The check of a mirror; `versions` are the declared ones. */
export function mirrors(versions: readonly string[] | undefined): Check {
  const one = shape<Plain<MirrorArgs>>(
    { version: versionOf(versions), service: serviceTarget, percentage },
    exactlyOneOf("version", "service"),
  );
  return list(one, "a list of mirrors", 1);
}

/** Istio's mirrors. */
export function renderMirrors(given: readonly Plain<MirrorArgs>[], own: Destination): object[] {
  return given.map(({ version, service, percentage: value = 100 }) => ({
    destination: service === undefined ? versionDestination(own, version as string) : serviceDestination(service),
    percentage: { value },
  }));
}
