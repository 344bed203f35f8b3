import { endTarget } from "./program";

/** The cluster that the suites share is taken down after the last of them. */
export const mochaHooks = {
  afterAll: endTarget,
};
