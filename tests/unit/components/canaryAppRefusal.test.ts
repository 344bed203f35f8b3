import assert from "node:assert/strict";
import * as fc from "fast-check";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs, IstioMesh, type IstioMeshArgs } from "../../../components";
import { record } from "../../../src/render/recorder";
import { ValidationError } from "../../../src/validation/problem";
import { anyValue, dnsLabels, serviceNames } from "../arbitraries";
import { type Expected, assertProblems, refusalOf } from "../problems";
import { TWO_VERSIONS, TYPES } from "../recordings";

const PROJECT = { project: "test", stack: "dev" };

/** The error of a program that must be refused, after which nothing may have been registered. */
async function refused(program: () => unknown): Promise<ValidationError> {
  let refusal: ValidationError | undefined;
  const { resources, hooks } = await record(() => void (refusal = refusalOf(program)), PROJECT);
  assert.deepEqual([resources.map(({ type }) => type), hooks], [[TYPES.stack], []]);
  return refusal as ValidationError;
}

describe("an app with wrong arguments", () => {
  const cases: [name: string, args: unknown, problems: Expected[]][] = [
    ["a wrong weight", { ...TWO_VERSIONS, weight: 101 }, [["weight", "is 101"]]],
    [
      "an app's name that no Service may have",
      { ...TWO_VERSIONS, appName: "1shop" },
      [["appName", 'is "1shop"', "start with a letter"]],
    ],
    ["no versions", {}, [["versions", "is missing"]]],
    ["no arguments", undefined, [["the arguments", "is undefined"]]],
    [
      "a wrong mesh",
      { ...TWO_VERSIONS, mesh: { namespace: "a", gateway: { namespace: "a" } } },
      [["mesh.gateway.namespace", "control plane's"]],
    ],
    ["a policy that Istio would refuse", { ...TWO_VERSIONS, trafficPolicy: {} }, [["trafficPolicy", "is empty"]]],
    ["times of null", { ...TWO_VERSIONS, transition: null }, [["transition", "is null"]]],
    [
      "several mistakes",
      { versions: [{ name: "v1", image: "" }, { name: "v1" }], weight: 1.5, hosts: "*", routes: [] },
      [["versions[0].image"], ["versions[1]"], ["versions[1].name"], ["hosts"], ["weight"], ["routes"]],
    ],
  ];
  for (const [name, args, problems] of cases) {
    it(`registers nothing: ${name}`, async () => {
      const { subject, problems: found } = await refused(() => new CanaryApp("shop", args as CanaryAppArgs));
      assert.equal(subject, 'CanaryApp "shop"');
      assertProblems(found, problems);
    });
  }

  it("registers nothing: a name that is no label", async () => {
    const { message } = await refused(() => new CanaryApp("Shop", TWO_VERSIONS));
    assert.match(
      message,
      /^CanaryApp "Shop": 1 mistake; nothing was changed\.\n {2}- name is "Shop"; a DNS label is needed/,
    );
  });

  it("registers nothing although another argument is an Output", async () => {
    const args = { ...TWO_VERSIONS, trafficPolicy: pulumi.output({ loadBalancer: "RANDOM" as const }), weight: -1 };
    assertProblems((await refused(() => new CanaryApp("shop", args))).problems, [["weight", "is -1"]]);
  });

  it("either is refused whole or registered whole, whatever is given", async () => {
    const sound = fc.record(
      {
        versions: fc.constant(TWO_VERSIONS.versions),
        weight: fc.nat({ max: 100 }),
        appName: serviceNames(),
        service: fc.record(
          { port: fc.integer({ min: 1, max: 100 }), targetPort: fc.integer({ min: 1, max: 100 }) },
          { requiredKeys: [] },
        ),
        namespace: fc.record(
          { name: dnsLabels(), create: fc.boolean(), labels: fc.constant({ a: "b" }) },
          { requiredKeys: [] },
        ),
        hosts: fc.constantFrom(["*"], [], ["shop.example.com"]),
        routes: fc.constantFrom([{}], [{ match: [{ uri: { prefix: "/a" } }] }]),
        trafficPolicy: fc.constant({ loadBalancer: "RANDOM" }),
        transition: fc.record({ drainSeconds: fc.constant(10) }, { requiredKeys: [] }),
        mesh: fc.record({ install: fc.boolean(), gateway: fc.constant({ release: "edge" }) }, { requiredKeys: [] }),
      },
      { requiredKeys: ["versions", "weight"] },
    );
    const field = fc.constantFrom(
      "versions",
      "weight",
      "appName",
      "service",
      "namespace",
      "hosts",
      "routes",
      "trafficPolicy",
      "transition",
      "mesh",
    );
    const args = fc
      .tuple(sound, fc.option(fc.tuple(field, anyValue())))
      .map(([given, odd]) => (odd === null ? given : { ...given, [odd[0]]: odd[1] }));
    const counts = { refused: 0, registered: 0 };
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        let refusal: unknown;
        const { resources } = await record(() => {
          try {
            new CanaryApp("shop", given as unknown as CanaryAppArgs);
          } catch (error) {
            refusal = error;
          }
        }, PROJECT);
        assert.ok(
          refusal === undefined || refusal instanceof ValidationError,
          String((refusal as Error | undefined)?.stack),
        );
        assert.equal(resources.length > 1, refusal === undefined);
        assert.equal(
          resources.some(({ type }) => type === TYPES.virtualService),
          refusal === undefined,
        );
        counts[refusal === undefined ? "registered" : "refused"]++;
      }),
      { numRuns: 60 },
    );
    assert.ok(counts.refused > 5 && counts.registered > 5, JSON.stringify(counts));
  });
});

describe("a mesh with wrong arguments", () => {
  const cases: [name: string, args: unknown, problems: Expected[]][] = [
    ["a misspelt field", { verison: "1.31.1" }, [["verison", "is an unknown argument"]]],
    ["a namespace that is no label", { namespace: "Istio" }, [["namespace", 'is "Istio"']]],
    [
      "one namespace for both",
      { namespace: "istio", gateway: { namespace: "istio" } },
      [["gateway.namespace", "is the control plane's namespace too"]],
    ],
    [
      "a gateway's name that no Service may have",
      { gateway: { release: "2nd" } },
      [["gateway.release", 'is "2nd"', "start with a letter"]],
    ],
    ["no charts", { charts: "" }, [["charts", 'is ""', "a Helm repository"]]],
    ["null", null, [["the arguments", "is null"]]],
  ];
  for (const [name, args, problems] of cases) {
    it(`registers nothing: ${name}`, async () => {
      const { subject, problems: found } = await refused(() => new IstioMesh("mesh", args as IstioMeshArgs));
      assert.equal(subject, 'IstioMesh "mesh"');
      assertProblems(found, problems);
    });
  }
});
