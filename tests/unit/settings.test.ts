import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { record } from "../../src/render/recorder";
import { type Settings, readSettings } from "../../settings";
import { ValidationError } from "../../src/validation/problem";
import { type Expected, assertProblems } from "./problems";
import { declaredConfig, devConfig, engineConfig } from "./stackConfig";

/** The settings, or the error, that a stack's config leads to. */
async function read(config: Record<string, string>, stack = "dev"): Promise<Settings | ValidationError> {
  let result: Settings | ValidationError | undefined;
  await record(
    () => {
      try {
        result = readSettings(new pulumi.Config());
      } catch (error) {
        assert.ok(error instanceof ValidationError, error instanceof Error ? error.stack : String(error));
        result = error;
      }
    },
    { project: "canary-app", stack, config },
  );
  assert.ok(result !== undefined);
  return result;
}

async function settingsOf(stack: Record<string, unknown>): Promise<Settings> {
  const result = await read(engineConfig(stack));
  assert.ok(!(result instanceof ValidationError), String(result));
  return result;
}

const VERSIONS = ["v1", "v2", "v3"].map((name) => ({ name, image: `example.com/shop:${name}` }));
const TWO = VERSIONS.slice(0, 2);
const HALVES = { v1: 50, v2: 0, v3: 50 };
const ONE = VERSIONS.slice(0, 1);

describe("the settings of a stack", () => {
  it("are the traffic-shifting scenario for the dev stack", async () => {
    const stack = Object.fromEntries(
      Object.entries(devConfig()).map(([key, value]) => [key.replace(/^canary-app:/, ""), value]),
    );
    const settings = await settingsOf(stack);
    const trafficPolicy = { loadBalancer: "ROUND_ROBIN" };
    assert.deepEqual(settings, {
      appName: "myapp",
      versions: [
        { name: "v1", image: "docker.io/library/canary-demo:1.0", trafficPolicy },
        { name: "v2", image: "docker.io/library/canary-demo:2.0", trafficPolicy },
      ],
      weight: 25,
      hosts: ["*"],
      routes: [{ match: [{ uri: { exact: "/api/v1/hello" } }] }],
      trafficPolicy,
    });
  });

  it("are the defaults where a stack sets nothing but versions", async () => {
    assert.deepEqual(await settingsOf({ versions: TWO }), {
      appName: "myapp",
      versions: TWO,
      weight: 0,
      hosts: ["*"],
      routes: [{}],
    });
  });

  const sound: [name: string, stack: Record<string, unknown>, expected: Partial<Settings>][] = [
    ["a weight", { versions: TWO, weight: 100 }, { weight: 100 }],
    ["a weight as text, as `pulumi config set` stores it", { versions: TWO, weight: "30" }, { weight: 30 }],
    ["a weight of 0", { versions: TWO, weight: 0 }, { weight: 0 }],
    ["one version, whose weight has its default", { versions: ONE }, { weight: undefined }],
    ["one version with all", { versions: ONE, weight: 100 }, { weight: 100 }],
    [
      "weights in place of the weight's default",
      { versions: VERSIONS, weights: HALVES },
      { weight: undefined, weights: HALVES },
    ],
    [
      "weights for two",
      { versions: TWO, weights: { v1: 90, v2: 10 } },
      { weight: undefined, weights: { v1: 90, v2: 10 } },
    ],
    ["no hosts", { versions: TWO, hosts: [] }, { hosts: [] }],
    [
      "a namespace and ports",
      { versions: TWO, namespace: { create: false }, service: { port: 81 } },
      { namespace: { create: false }, service: { port: 81 } },
    ],
    [
      "a mesh",
      { versions: TWO, mesh: { install: false, revision: "stable" } },
      { mesh: { install: false, revision: "stable" } },
    ],
    [
      "a gateway, and who may call",
      { versions: TWO, gateway: { use: "a/b" }, internal: "false", mtls: "STRICT", access: [{ gateway: true }] },
      { hosts: ["*"], gateway: { use: "a/b" }, internal: false, mtls: "STRICT", access: [{ gateway: true }] },
    ],
    [
      "nothing of a gateway, as Pulumi.yaml has it",
      { versions: TWO, gateway: {}, internal: "", mtls: "", access: [] },
      {},
    ],
    [
      "connections",
      { versions: TWO, hosts: [], service: { protocol: "tcp" } },
      { hosts: [], service: { protocol: "tcp" } },
    ],
    [
      "a rollout, which is no argument of the app",
      { versions: TWO, rollout: { steps: [5, 50], gates: [{ name: "a", kind: "approval" }] } },
      { rollout: undefined } as Partial<Settings>,
    ],
    ["times", { versions: TWO, transition: { settleSeconds: 2 } }, { transition: { settleSeconds: 2 } }],
    ["a name that reads like JSON", { versions: TWO, appName: "null" }, { appName: "null" }],
  ];
  for (const [name, stack, expected] of sound) {
    it(`may be ${name}`, async () => {
      const settings = await settingsOf(stack);
      assert.deepEqual(
        Object.fromEntries(Object.keys(expected).map((key) => [key, settings[key as keyof Settings]])),
        expected,
      );
    });
  }

  const wrong: [name: string, stack: Record<string, unknown>, problems: Expected[]][] = [
    ["no versions", {}, [["canary-app:versions", "is []", "a list of versions"]]],
    [
      "a name of digits, which is a text all the same",
      { versions: TWO, appName: "123" },
      [["canary-app:appName", 'is "123"', "start with a letter"]],
    ],
    ["a weight above 100", { versions: TWO, weight: 101 }, [["canary-app:weight", "is 101", "from 0 to 100"]]],
    ["a weight below 0", { versions: TWO, weight: -5 }, [["canary-app:weight", "is -5"]]],
    ["a fraction", { versions: TWO, weight: "12.5" }, [["canary-app:weight", "is 12.5"]]],
    ["a percent sign", { versions: TWO, weight: "25%" }, [["canary-app:weight", 'is "25%"']]],
    ["a weight that is empty", { versions: TWO, weight: "" }, [["canary-app:weight", 'is ""']]],
    [
      "a weight and weights",
      { versions: TWO, weight: 5, weights: { v1: 95, v2: 5 } },
      [["canary-app:weights", "is set, and so is weight"]],
    ],
    [
      "three versions without weights",
      { versions: VERSIONS },
      [["canary-app:weight", "one number for 3 versions", "set weights"]],
    ],
    [
      "three versions with one weight",
      { versions: VERSIONS, weight: 5 },
      [["canary-app:weight", "is 5, one number for 3 versions"]],
    ],
    ["weights with another sum", { versions: TWO, weights: { v1: 90, v2: 9 } }, [["canary-app:weights", "sums to 99"]]],
    [
      "weights for nobody",
      { versions: TWO, weights: { v1: 90, w2: 10 } },
      [
        ["canary-app:weights.w2", "names no declared version"],
        ["canary-app:weights.v2", "is missing"],
      ],
    ],
    ["weights that are a list", { versions: TWO, weights: [90, 10] }, [["canary-app:weights", "is [90,10]"]]],
    [
      "less than all for a lone version",
      { versions: ONE, weight: 50 },
      [["canary-app:weight", "is 50, but v1 is the only version"]],
    ],
    ["versions by name", { versions: { v1: "shop:1.0" } }, [["canary-app:versions", 'is {"v1":"shop:1.0"}', "a list"]]],
    [
      "a version's misspelt field",
      { versions: [{ ...ONE[0], replica: 2 }] },
      [["canary-app:versions[0].replica", "is an unknown argument", "replicas"]],
    ],
    [
      "a version's name that is a number",
      { versions: [{ name: 1, image: "a" }] },
      [["canary-app:versions[0].name", "is 1", "a DNS label"]],
    ],
    ["a version without image", { versions: [{ name: "v1" }] }, [["canary-app:versions[0]", "none of image, podSpec"]]],
    [
      "a name that is no label",
      { versions: TWO, appName: "My App" },
      [["canary-app:appName", 'is "My App"', "a DNS label"]],
    ],
    ["a name that is an object", { versions: TWO, appName: { name: "a" } }, [["canary-app:appName", "a DNS label"]]],
    ["hosts that are a text", { versions: TWO, hosts: "*" }, [["canary-app:hosts", 'is "*"', "a list"]]],
    ["a wrong host", { versions: TWO, hosts: ["a b"] }, [["canary-app:hosts[0]", 'is "a b"']]],
    [
      "a route's misspelt field",
      { versions: TWO, routes: [{ macth: [] }] },
      [["canary-app:routes[0].macth", "is an unknown argument", "match"]],
    ],
    [
      "a match's misspelt field",
      { versions: TWO, routes: [{ match: [{ path: "/" }] }] },
      [["canary-app:routes[0].match[0].path", "is an unknown argument", "uri"]],
    ],
    [
      "a policy that is a text",
      { versions: TWO, trafficPolicy: "RANDOM" },
      [["canary-app:trafficPolicy", 'is "RANDOM"']],
    ],
    [
      "an unknown balancer",
      { versions: TWO, trafficPolicy: { loadBalancer: "Random" } },
      [["canary-app:trafficPolicy.loadBalancer", 'is "Random"']],
    ],
    [
      "a namespace's misspelt field",
      { versions: TWO, namespace: { nam: "a" } },
      [["canary-app:namespace.nam", "is an unknown argument"]],
    ],
    [
      "a switch in quotes",
      { versions: TWO, mesh: { install: "false" } },
      [["canary-app:mesh.install", 'is "false"', "without quotes"]],
    ],
    [
      "a mesh's misspelt field",
      { versions: TWO, mesh: { verison: "1.31.1" } },
      [["canary-app:mesh.verison", "is an unknown argument", "version"]],
    ],
    ["a wrong port", { versions: TWO, service: { port: "80" } }, [["canary-app:service.port", 'is "80"', "a port"]]],
    [
      "a wrong time",
      { versions: TWO, transition: { settleSeconds: 601 } },
      [["canary-app:transition.settleSeconds", "is 601"]],
    ],
    [
      "a rollout's misspelt field",
      { versions: TWO, rollout: { step: [5] } },
      [["canary-app:rollout.step", "is an unknown argument", "steps"]],
    ],
    [
      "a rollout's gate on requests, of an app of connections",
      {
        versions: TWO,
        hosts: [],
        service: { protocol: "tcp" },
        rollout: {
          gates: [
            { name: "go", kind: "approval" },
            { name: "a", kind: "success-rate" },
          ],
        },
      },
      [
        [
          "canary-app:rollout.gates[1].kind",
          "is success-rate, and service.protocol is tcp",
          "kind promql (e.g. on istio_tcp_connections_closed_total), webhook or approval",
        ],
      ],
    ],
    [
      "a rollout's gate on requests, of an app whose ports all share connections, and a port without requests",
      {
        versions: TWO,
        hosts: [],
        service: {
          ports: [
            { name: "raw", port: 5000, protocol: "tcp" },
            { name: "sealed", port: 443, protocol: "tls" },
          ],
        },
        rollout: { gates: [{ name: "a", kind: "success-rate" }], source: { port: 443 } },
      },
      [
        ["canary-app:rollout.gates[0].kind", "is success-rate, and service.ports speak tcp and tls"],
        ["canary-app:rollout.source.port", "is 443, whose protocol is tls", "name a port that speaks HTTP"],
      ],
    ],
    [
      "a rollout's figures of a port that the app does not have",
      {
        versions: TWO,
        service: {
          ports: [
            { name: "raw", port: 5000, protocol: "tcp" },
            { name: "web", port: 80 },
          ],
        },
        rollout: { gates: [{ name: "a", kind: "success-rate" }], source: { port: 81 } },
      },
      [["canary-app:rollout.source.port", "is 81, and the Service has 5000 and 80"]],
    ],
    [
      "a rollout to nobody",
      { versions: TWO, rollout: { target: "v3" } },
      [["canary-app:rollout.target", 'is "v3"', "v1, v2"]],
    ],
    ["a misspelt key", { versions: TWO, wieght: 30 }, [["canary-app:wieght", "is an unknown config key", "weight"]]],
    [
      "several mistakes at once",
      { appName: "A", versions: [{ name: "v1" }], weight: 5, hosts: "*" },
      [["canary-app:versions[0]"], ["canary-app:appName"], ["canary-app:hosts"], ["canary-app:weight"]],
    ],
  ];
  for (const [name, stack, problems] of wrong) {
    it(`may not be ${name}, and the message names the key`, async () => {
      const result = await read(engineConfig(stack), "prod");
      assert.ok(result instanceof ValidationError, JSON.stringify(result));
      assert.equal(result.subject, 'The config of stack "prod"');
      assertProblems(result.problems, problems);
    });
  }

  it("may not be nothing at all, where not even the project's defaults are applied", async () => {
    const result = await read({});
    assert.ok(result instanceof ValidationError);
    assertProblems(result.problems, [
      ["canary-app:versions", "is missing"],
      ["canary-app:appName", 'is ""', "a DNS label"],
    ]);
  });

  it("are not concerned with other packages' keys", async () => {
    const result = await read({
      ...engineConfig({ versions: TWO }),
      "kubernetes:context": "sandbox",
      "pulumi:tags": "{}",
    });
    assert.ok(!(result instanceof ValidationError), String(result));
  });

  it("are either sound or refused, whatever texts the keys have", async () => {
    const value = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom("null", "[null]", '{"__proto__":1}', "0", "[]", "{}"),
    );
    const keys = fc.constantFrom(...Object.keys(declaredConfig()));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(keys, value, { maxKeys: 3 }), async (texts) => {
        const own = Object.fromEntries(Object.entries(texts).map(([key, text]) => [`canary-app:${key}`, text]));
        const result = await read({ ...engineConfig({ versions: TWO }), ...own });
        assert.ok(
          !(result instanceof ValidationError) || result.problems.every(({ path }) => path.startsWith("canary-app:")),
          String(result),
        );
      }),
    );
  });
});

describe("the config that Pulumi.yaml declares", () => {
  it("describes every key, and gives it a type and a default", () => {
    for (const [key, { type, description, default: value }] of Object.entries(declaredConfig())) {
      assert.ok(description !== undefined && description.length > 20, key);
      const kind = Array.isArray(value) ? "array" : typeof value === "number" ? "integer" : typeof value;
      assert.equal(type, kind, key);
    }
  });

  it("is every key that the program reads", async () => {
    const result = await read({ "canary-app:nothing": "" });
    assert.ok(result instanceof ValidationError);
    const known = /expected one of ([\w, ]+)$/.exec(result.problems[0].allowed)?.[1].split(", ");
    assert.deepEqual(known?.sort(), Object.keys(declaredConfig()).sort());
  });
});
