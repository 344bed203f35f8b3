import assert from "node:assert/strict";
import { portChanges } from "../../../components/portWarnings";
import { service } from "../../../src/workload/kubernetesObjects";

const inputs = (port: number, targetPort: number | string) => ({ spec: service("shop", port, targetPort) });

describe("a change of a Service's ports", () => {
  const cases: [name: string, before: object | undefined, after: object | undefined, told: RegExp[]][] = [
    ["none", inputs(80, 8080), inputs(80, 8080), []],
    [
      "of the callers' port",
      inputs(80, 8080),
      inputs(81, 8080),
      [/^service\.port changes from 80 to 81: requests fail until the routes have followed/],
    ],
    [
      "of the pods' port",
      inputs(80, 8080),
      inputs(80, 9090),
      [/^service\.targetPort changes from 8080 to 9090: requests fail until the pods of every version/],
    ],
    ["of both", inputs(80, 8080), inputs(81, 9090), [/^service\.port /, /^service\.targetPort /]],
    ["of the pods' port, where both are known to have its name", inputs(80, "http"), inputs(80, "http"), []],
    [
      "from a number to a name",
      inputs(80, 8080),
      inputs(80, "http"),
      [/^service\.targetPort changes from 8080 to http: pods of a podSpec/],
    ],
    ["from a name to a number", inputs(80, "http"), inputs(80, 8080), []],
    ["to one that is not known yet", inputs(80, 8080), { spec: undefined }, []],
    ["of a Service that was not there", undefined, inputs(80, 8080), []],
  ];
  for (const [name, before, after, told] of cases) {
    it(`is warned of as far as it is known: ${name}`, () => {
      const texts = portChanges(before, after);
      assert.equal(texts.length, told.length, texts.join("\n"));
      told.forEach((expected, index) => assert.match(texts[index], expected));
    });
  }
});
