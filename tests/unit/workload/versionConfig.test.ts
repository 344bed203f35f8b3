import assert from "node:assert/strict";
import * as fc from "fast-check";
import { podOfImage } from "../../../src/workload/pod";
import { configMapName, secretName, versionConfigCheck } from "../../../src/workload/versionConfig";
import { UNKNOWN } from "../../../src/validation/unknown";
import { type Expected, assertProblems, problemsOf } from "../problems";

const check = (config: unknown) => problemsOf((findings) => versionConfigCheck(config, findings), "config");

describe("a version's config", () => {
  const sound: [name: string, config: object][] = [
    ["texts", { data: { FEATURE: "on", EMPTY: "" } }],
    ["secrets", { secrets: { PASSWORD: "hunter2" } }],
    ["both, as files", { data: { "app.yaml": "a: 1" }, secrets: { "key.pem": "x" }, mountPath: "/etc/shop" }],
    ["files and variables", { data: { FEATURE: "on" }, mountPath: "/etc/shop", environment: true }],
    ["not known yet", { data: UNKNOWN, secrets: { PASSWORD: UNKNOWN }, mountPath: UNKNOWN, environment: UNKNOWN }],
  ];
  for (const [name, config] of sound) {
    it(`may be ${name}`, () => assertProblems(check(config), []));
  }

  const wrong: [name: string, config: unknown, problems: Expected[]][] = [
    ["a text", "FEATURE=on", [["config", "data, secrets, mountPath, environment"]]],
    ["nothing", {}, [["config", "sets nothing", "data, secrets"]]],
    ["a folder alone", { mountPath: "/etc/shop" }, [["config", "sets nothing"]]],
    ["no key", { data: {} }, [["config.data", "is empty"]]],
    ["a number", { data: { PORT: 80 } }, [["config.data.PORT", "is not a string", "in quotes"]]],
    ["a key with a slash", { data: { "a/b": "" }, mountPath: "/a" }, [['config.data["a/b"]', "is not a valid key"]]],
    [
      "a key that is a folder",
      { secrets: { "..": "" }, mountPath: "/a" },
      [['config.secrets[".."]', "is not a valid key"]],
    ],
    [
      "one key twice",
      { data: { A: "1", B: "2" }, secrets: { A: "3" } },
      [["config.secrets.A", "is a key of data, too", "only one of them"]],
    ],
    [
      "a file's name for a variable",
      { data: { "1.yaml": "" } },
      [['config.data["1.yaml"]', "not a valid variable name", "set mountPath"]],
    ],
    ["a folder within", { data: { A: "" }, mountPath: "etc" }, [["config.mountPath", 'is "etc"', "starts with /"]]],
    [
      "neither files nor variables",
      { data: { A: "" }, environment: false },
      [["config.environment", "is false without mountPath"]],
    ],
    [
      "more than Kubernetes takes",
      { data: { A: "x".repeat(1024 * 1024) } },
      [["config.data", "has 1048577 bytes", "at most 1048576"]],
    ],
  ];
  for (const [name, config, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(config), problems));
  }

  it("has names that are the same for the same content, in any order, and others for another", () => {
    const data = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.string({ maxLength: 4 }), { maxKeys: 4 });
    fc.assert(
      fc.property(data, data, (one, other) => {
        const same = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        assert.equal(configMapName("shop-v1", one) === configMapName("shop-v1", other), same);
        const turned = Object.fromEntries(Object.entries(one).reverse());
        assert.equal(configMapName("shop-v1", turned), configMapName("shop-v1", one));
        assert.match(configMapName("shop-v1", one), /^shop-v1-[0-9a-f]{10}$/);
      }),
    );
    const names = [
      secretName("shop-v1", { A: "1", B: "2" }),
      secretName("shop-v1", { B: "2", A: "1" }),
      secretName("shop-v1", { A: "2", B: "2" }),
      secretName("shop-v2", { A: "1", B: "2" }),
    ];
    assert.deepEqual([names[0] === names[1], new Set(names).size], [true, 3]);
    assert.match(names[0], /^shop-v1-[0-9a-f]{10}$/);
    assert.notEqual(names[3].slice(-10), names[0].slice(-10), "two versions with one secret have names of their own");
  });

  const PORTS = [{ name: "http", targetPort: 8080, protocol: "http" as const }];

  it("is in the pods as variables, before what is passed through", () => {
    const { containers, volumes } = podOfImage(
      "shop",
      "shop:1",
      PORTS,
      { containerExtra: { envFrom: [{ configMapRef: { name: "mine" } }], stdin: true } },
      { configMap: "a", secret: "b", environment: true },
    ) as any;
    assert.deepEqual(containers[0].envFrom, [
      { configMapRef: { name: "a" } },
      { secretRef: { name: "b" } },
      { configMapRef: { name: "mine" } },
    ]);
    assert.equal(containers[0].stdin, true);
    assert.deepEqual(
      volumes.map(({ name }: { name: string }) => name),
      ["tmp"],
    );
  });

  it("is in the pods as files of one folder, under a name that no other volume has", () => {
    const mine = { name: "config", mountPath: "/mine", configMap: "mine" };
    for (const [volumes, name] of [
      [[], "config"],
      [[mine], "canary-config"],
    ] as const) {
      const pod = podOfImage(
        "shop",
        "shop:1",
        PORTS,
        { volumes: [...volumes] },
        {
          configMap: "a",
          secret: "b",
          mountPath: "/etc/shop",
          environment: false,
        },
      ) as any;
      assert.deepEqual(pod.volumes.at(-1), {
        name,
        projected: { sources: [{ configMap: { name: "a" } }, { secret: { name: "b" } }] },
      });
      assert.deepEqual(pod.containers[0].volumeMounts.at(-1), { name, mountPath: "/etc/shop", readOnly: true });
      assert.equal("envFrom" in pod.containers[0], false);
    }
  });

  it("may be mounted on /tmp, in the place of our own", () => {
    const sources = { configMap: "a", mountPath: "/tmp/", environment: false };
    const { containers } = podOfImage("shop", "shop:1", PORTS, {}, sources) as any;
    assert.deepEqual(
      containers[0].volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath),
      ["/tmp/"],
    );
  });
});
