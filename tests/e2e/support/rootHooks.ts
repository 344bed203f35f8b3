import { endCluster } from "./cluster";

/** The cluster that the suites share is taken down after the last of them. */
export const mochaHooks = {
  afterAll: endCluster,
};
