import assert from "node:assert/strict";
import { portChanges } from "../../../components/portWarnings";
import { service } from "../../../src/workload/kubernetesObjects";

const inputs = (port: number, targetPort: number | string) => ({
  spec: service("shop", [{ name: "http", port, targetPort, protocol: "http" }]),
});

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

  const port = (name: string, number: number, targetPort: number | string = name) => ({
    name,
    port: number,
    targetPort,
    protocol: "http" as const,
  });
  const several = (...ports: ReturnType<typeof port>[]) => ({ spec: service("shop", ports) });
  const lists: [name: string, before: object, after: object, told: RegExp[]][] = [
    ["in another order", several(port("a", 80), port("b", 81)), several(port("b", 81), port("a", 80)), []],
    ["one more", inputs(80, "http"), several(port("http", 80), port("b", 81)), []],
    [
      "one less",
      several(port("a", 80), port("b", 81)),
      several(port("a", 80)),
      [/^service\.ports no longer has port 81 \(b\): its callers are not answered$/],
    ],
    [
      "of one of them",
      several(port("a", 80, 8080), port("b", 81, 8081)),
      several(port("b", 82, 8081), port("a", 80, 8082)),
      [
        /^service\.ports\[1\]\.targetPort changes from 8080 to 8082/,
        /^service\.ports\[0\]\.port changes from 81 to 82/,
      ],
    ],
    [
      "of the name of the pods' port",
      inputs(80, "http"),
      several(port("web", 80), port("b", 81)),
      [/^service\.ports\[0\]\.targetPort changes from http to web: the pods' port has another name.*keep the name$/],
    ],
  ];
  for (const [name, before, after, told] of lists) {
    it(`is warned of where there are several: ${name}`, () => {
      const texts = portChanges(before, after, true);
      assert.equal(texts.length, told.length, texts.join("\n"));
      told.forEach((expected, index) => assert.match(texts[index], expected));
    });
  }
});
