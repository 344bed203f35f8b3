import assert from "node:assert/strict";
import { endingSidecar } from "../../../src/workload/podWarnings";
import { withSidecarDrain } from "../../../src/workload/sidecarDrain";

describe("the sidecar of a pod that must go", () => {
  const lasting = (seconds: number) => ({ "proxy.istio.io/config": `{"terminationDrainDuration":"${seconds}s"}` });
  const native = "sidecar.istio.io/nativeSidecar";
  const cases: [
    name: string,
    annotations: Record<string, string> | undefined,
    grace: number | undefined,
    nativeSidecar: boolean | undefined,
    expected: unknown,
  ][] = [
    ["ends after the app where it is a native one", undefined, undefined, undefined, undefined],
    ["lasts as long as the pod where it is none", undefined, undefined, false, lasting(30)],
    ["lasts as long as a pod with a time of its own", { team: "a" }, 90, false, { team: "a", ...lasting(90) }],
    ["is a native one if the pod says so", { [native]: "true" }, undefined, false, { [native]: "true" }],
    ["is none if the pod says so", { [native]: "false" }, undefined, true, { [native]: "false", ...lasting(30) }],
    [
      "keeps settings of its own",
      { "proxy.istio.io/config": "concurrency: 1" },
      undefined,
      false,
      { "proxy.istio.io/config": "concurrency: 1" },
    ],
  ];
  for (const [name, annotations, grace, nativeSidecar, expected] of cases) {
    it(name, () =>
      assert.deepEqual(
        withSidecarDrain(
          annotations,
          { terminationGracePeriodSeconds: grace },
          { preStop: 5, grace: 30, nativeSidecar },
        ),
        expected,
      ),
    );
  }

  it("is warned of where its settings let it end before the app", () => {
    const config = (text: string) => ({ "proxy.istio.io/config": text });
    const [warning] = endingSidecar(config("concurrency: 1"), "v2", false);
    assert.match(
      `${warning.path} ${warning.what}`,
      /proxy\.istio\.io\/config.*sets no terminationDrainDuration.*those of v2 end 5 s/,
    );
    for (const [annotations, isNative] of [
      [config("concurrency: 1"), true],
      [config("terminationDrainDuration: 40s"), false],
      [config("proxyMetadata: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'true' }"), false],
      [undefined, false],
    ] as const) {
      assert.deepEqual(endingSidecar(annotations, "v2", isNative), []);
    }
  });
});
