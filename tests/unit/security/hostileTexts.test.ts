import assert from "node:assert/strict";
import { parse } from "yaml";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { checkCanaryApp } from "../../../components/checkCanaryApp";
import { type RecordedResource, record } from "../../../src/render/recorder";
import { objectText } from "../../../src/render/text";
import type { Manifest } from "../../../src/render/steps";
import { Findings } from "../../../src/validation/problem";
import { HOSTILE_TEXTS, PLACES } from "./hostileTexts";

const BENIGN = "benign";
const BASE: CanaryAppArgs = {
  versions: [{ name: "v1", image: "registry.example.com/shop:1.0" }],
  weight: 100,
  hosts: ["shop.example.com"],
  mesh: { install: false, gateway: { address: "203.0.113.7" } },
};

const argsWith = (change: Partial<CanaryAppArgs>): CanaryAppArgs => ({ ...BASE, ...change });

function isRefused(args: CanaryAppArgs): boolean {
  const findings = Findings.at();
  checkCanaryApp("shop", args, findings);
  return findings.all().length > 0;
}

/** All objects of an app, with their names. */
async function objectsOf(args: CanaryAppArgs): Promise<RecordedResource[]> {
  const { resources } = await record(() => void new CanaryApp("shop", args), { project: "test", stack: "dev" });
  return resources;
}

/** The same data with one text in place of another, wherever it stands: in texts, and in names of fields. */
function replaced(value: unknown, from: string, to: string): unknown {
  if (typeof value === "string") {
    return value.split(from).join(to);
  }
  if (Array.isArray(value)) {
    return value.map((each) => replaced(each, from, to));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name.split(from).join(to), replaced(each, from, to)]),
  );
}

/** The objects as data, in an order that names do not change. */
const inData = (objects: RecordedResource[]) =>
  objects
    .map(({ type, inputs }) => ({ type, inputs }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

describe("a hostile text", function () {
  this.timeout("2m");
  for (const [place, argsAt] of Object.entries(PLACES)) {
    it(`is refused, or is data like any other: as ${place}`, async () => {
      assert.ok(!isRefused(argsWith(argsAt(BENIGN))), "the place takes no text at all");
      const sound = await objectsOf(argsWith(argsAt(BENIGN)));
      for (const [what, text] of Object.entries(HOSTILE_TEXTS)) {
        const args = argsWith(argsAt(text));
        if (isRefused(args)) {
          continue;
        }
        const objects = await objectsOf(args);
        assert.deepEqual(inData(objects), inData(replaced(sound, BENIGN, text) as RecordedResource[]), what);
        for (const { inputs } of objects.filter(({ inputs: { kind } }) => kind !== undefined)) {
          assert.deepEqual(parse(objectText(inputs as Manifest)), JSON.parse(JSON.stringify(inputs)), what);
        }
      }
    });
  }

  it("is refused with the path where it stands, and not with all of a long text", () => {
    const findings = Findings.at();
    checkCanaryApp("shop", argsWith(PLACES["a version's name"]("x".repeat(200_000))), findings);
    const [{ path, what }] = findings.all();
    assert.equal(path, "versions[0].name");
    assert.ok(what.length < 1000, `${what.length} characters`);
  });
});

describe("a prototype in the place of data", function () {
  this.timeout("1m");
  const POLLUTING = ['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}'];
  const AT: Readonly<Record<string, (given: any) => object>> = {
    "the app": (given) => ({ ...BASE, ...given }),
    "all arguments": (given) => Object.assign(given, BASE),
    "the weights": (given) => ({ ...BASE, weight: undefined, weights: given }),
    "a version": (given) => ({ ...BASE, versions: [Object.assign(given, BASE.versions[0])] }),
    "the pod": (given) => ({ ...BASE, pod: given }),
    "the variables": (given) => ({ ...BASE, pod: { env: given } }),
    "the pod's extra fields": (given) => ({ ...BASE, pod: { extra: given } }),
    "a route": (given) => ({ ...BASE, routes: [given] }),
    "the headers": (given) => ({ ...BASE, routes: [{ match: [{ headers: given }] }] }),
    "a policy": (given) => ({ ...BASE, trafficPolicy: given }),
  };
  for (const [place, argsAt] of Object.entries(AT)) {
    it(`changes no other object: at ${place}`, async () => {
      for (const text of POLLUTING) {
        const args = argsAt(JSON.parse(text)) as CanaryAppArgs;
        if (!isRefused(args)) {
          await objectsOf(args);
        }
        assert.equal(({} as { polluted?: unknown }).polluted, undefined);
      }
    });
  }
});
