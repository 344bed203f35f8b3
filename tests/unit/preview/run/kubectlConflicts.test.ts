import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { failedByKubectlAlone } from "../../../../src/preview/run/kubectlConflicts";

const event = (severity: string, message: string) =>
  ({ diagnosticEvent: { severity, message } }) as unknown as EngineEvent;
const error = (message: string) => event("error", message);

/** As the engine says it, with provider 4.25.0 and 4.32.0. */
const conflict = (managers: string) =>
  `Preview failed: 1 error occurred:\n\t* the Kubernetes API server reported that "shop/shop" failed to fully initialize or become live: Server-Side Apply field conflict detected. ` +
  `See the guide for troubleshooting help.\n\nThe resource managed by field manager "pulumi-kubernetes-0a1b2c3d" had an apply conflict: Apply failed with ${managers}\n`;
const ONE = '1 conflict: conflict with "kubectl-patch" using networking.istio.io/v1: .spec.http';
const TWO = '2 conflicts: conflicts with "kubectl-edit" using networking.istio.io/v1:\n- .spec.http\n- .spec.hosts';
const CONTROLLER = '1 conflict: conflict with "flagger" using networking.istio.io/v1: .spec.http';
const BOTH =
  '2 conflicts: conflicts with "kubectl-patch" using networking.istio.io/v1:\n- .spec.http\nconflicts with "flagger" using networking.istio.io/v1:\n- .spec.hosts';

const CASES: readonly [what: string, events: readonly EngineEvent[], expected: boolean][] = [
  ["a patch with kubectl", [error(conflict(ONE)), error("preview failed\n")], true],
  ["several fields", [error(conflict(TWO))], true],
  ["two objects", [error(conflict(ONE)), error(conflict(TWO)), error("preview failed")], true],
  ["a controller's fields", [error(conflict(CONTROLLER))], false],
  ["fields of both", [error(conflict(BOTH))], false],
  ["another object's conflict with a controller", [error(conflict(ONE)), error(conflict(CONTROLLER))], false],
  ["another error", [error(conflict(ONE)), error("the program failed")], false],
  ["an error without a conflict", [error("preview failed")], false],
  ["nothing that failed", [event("warning", conflict(ONE))], false],
];

describe("a preview that failed", () => {
  for (const [what, events, expected] of CASES) {
    it(`is ${expected ? "" : "not "}for kubectl alone: ${what}`, () =>
      assert.equal(failedByKubectlAlone(events), expected));
  }
});
