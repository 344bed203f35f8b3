import assert from "node:assert/strict";
import type { Warning } from "../../../src/validation/warning";
import { heldNodes, passedOverPod, unservedPorts } from "../../../src/workload/podWarnings";

const texts = (warnings: Warning[]) => warnings.map(({ path, what }) => `${path} ${what}`);

describe("the warnings about pods", () => {
  const port = (containerPort: unknown) => ({ containerPort });
  const ports: [name: string, ports: unknown[], expected: RegExp | undefined][] = [
    ["a container without ports", [undefined], undefined],
    ["the port that is served", [[port(3000)], [port(8080)]], undefined],
    [
      "another port",
      [[port(3000)], undefined, [port(9090)]],
      /^versions\[1\]\.podSpec declares the ports 3000, 9090, .* port 8080/,
    ],
    ["ports that are not known", [[port("a"), null], "x"], undefined],
  ];
  for (const [name, declared, expected] of ports) {
    it(`are right for ${name}`, () => {
      const told = texts(unservedPorts("versions[1].podSpec", declared, [8080], "service.targetPort"));
      assert.equal(told.length, expected === undefined ? 0 : 1);
      told.forEach((text) => assert.match(text, expected as RegExp));
    });
  }

  it("name those of several ports that are not served, each once", () => {
    const told = unservedPorts("podSpec", [[port(8080)]], [8080, 9090, 9090, 9000], "service.ports[].targetPort");
    assert.match(texts(told).join(), /requests are sent to port 9090 and 9000: set service\.ports\[\]\.targetPort/);
  });

  const budgets: [name: string, budget: object, pods: number, expected: RegExp | undefined][] = [
    ["a pod that may go", { minAvailable: 1 }, 2, undefined],
    ["the only pod that must stay", { minAvailable: 1 }, 1, /^b\.minAvailable keeps the only pod of v1/],
    ["more pods than there are", { minAvailable: 5 }, 3, /keeps all 3 pods of v1/],
    ["a share that is rounded up to all", { minAvailablePercent: 60 }, 2, /^b\.minAvailablePercent keeps all 2 pods/],
    ["a share that lets one go", { minAvailablePercent: 60 }, 3, undefined],
    ["all of them, which is said on purpose", { minAvailablePercent: 100 }, 3, undefined],
    ["pods that may be away", { maxUnavailable: 1 }, 1, undefined],
    ["no pods", { minAvailable: 1 }, 0, undefined],
  ];
  for (const [name, budget, pods, expected] of budgets) {
    it(`are right for a budget of ${name}`, () => {
      const told = texts(heldNodes("b", budget, "v1", pods));
      assert.equal(told.length, expected === undefined ? 0 : 1, told.join());
      told.forEach((text) => assert.match(text, expected as RegExp));
    });
  }

  it("name what counts for pods of an image alone", () => {
    assert.deepEqual(
      passedOverPod({ env: { A: "1" }, labels: {}, annotations: {}, resources: undefined }).map(({ path }) => path),
      ["pod.env"],
    );
    assert.deepEqual(passedOverPod(undefined), []);
  });
});
