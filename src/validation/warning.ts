/** Something that is accepted but has little or no effect. */
export interface Warning {
  /** The argument, e.g. `versions[1].trafficPolicy.loadBalancer`. */
  path: string;
  /** What is odd about it, and what to do. */
  what: string;
}
