import assert from "node:assert/strict";
import type { CanaryAppArgs } from "../../../components";
import type { RecordedResource } from "../../../src/render/recorder";
import { TWO_VERSIONS, TYPES, find, key, recordApp } from "../recordings";

const VERSIONS = ["v1", "v2", "v3"].map((name) => ({ name, image: `example.com/shop:${name}` }));

/**
 * What of the resources is not the same in two recordings, as `type::name`, in order; but for the versions that the
 * Service waits for, which is no change of it.
 */
function changed(
  before: readonly RecordedResource[],
  after: readonly RecordedResource[],
): { added: string[]; removed: string[]; updated: string[] } {
  const old = new Map(before.map((resource) => [key(resource), resource]));
  const fresh = new Map(after.map((resource) => [key(resource), resource]));
  const differs = (name: string) => {
    const [now, then] = [fresh, old]
      .map((all) => all.get(name))
      .map((resource) => (resource?.type === TYPES.service ? { ...resource, dependencies: [] } : resource));
    try {
      assert.deepEqual(now, then);
      return false;
    } catch {
      return true;
    }
  };
  return {
    added: [...fresh.keys()].filter((name) => !old.has(name)).sort(),
    removed: [...old.keys()].filter((name) => !fresh.has(name)).sort(),
    updated: [...fresh.keys()].filter((name) => old.has(name) && differs(name)).sort(),
  };
}

async function change(before: CanaryAppArgs, after: CanaryAppArgs): Promise<ReturnType<typeof changed>> {
  return changed((await recordApp(before)).resources, (await recordApp(after)).resources);
}

const ROUTES = `${TYPES.virtualService}::shop-routes`;

/** All that belongs to one version. */
function roomOf(version: string): string[] {
  return [
    `${TYPES.version}::shop-${version}`,
    `${TYPES.deployment}::shop-${version}`,
    `${TYPES.destinationRule}::shop-${version}-subset`,
  ].sort();
}

describe("what changes", () => {
  it("with nothing is nothing", async () =>
    assert.deepEqual(await change(TWO_VERSIONS, TWO_VERSIONS), { added: [], removed: [], updated: [] }));

  it("with a weight is the VirtualService's two weights and nothing else", async () => {
    const before = await recordApp(TWO_VERSIONS);
    const after = await recordApp({ ...TWO_VERSIONS, weight: 50 });
    assert.deepEqual(changed(before.resources, after.resources), { added: [], removed: [], updated: [ROUTES] });

    const [old, fresh] = [before, after].map(({ resources }) => find(resources, TYPES.virtualService, "shop-routes"));
    assert.deepEqual(
      [old, fresh].map(({ inputs }) => inputs.spec.http[0].route.map(({ weight }: any) => weight)),
      [
        [75, 25],
        [50, 50],
      ],
    );
    fresh.inputs.spec.http[0].route[0].weight = 75;
    fresh.inputs.spec.http[0].route[1].weight = 25;
    assert.deepEqual(fresh, old);
  });

  it("with weights by name is the VirtualService alone", async () => {
    const weights = (v1: number, v2: number, v3: number) => ({ versions: VERSIONS, weights: { v1, v2, v3 } });
    assert.deepEqual(await change(weights(100, 0, 0), weights(50, 0, 50)), {
      added: [],
      removed: [],
      updated: [ROUTES],
    });
  });

  it("from one number to the same weights by name is nothing", async () => {
    assert.deepEqual(await change(TWO_VERSIONS, { ...TWO_VERSIONS, weight: undefined, weights: { v2: 25, v1: 75 } }), {
      added: [],
      removed: [],
      updated: [],
    });
  });

  it("with the weights' order is nothing", async () => {
    const weights = (shares: Record<string, number>) => ({ versions: VERSIONS, weights: shares });
    assert.deepEqual(await change(weights({ v1: 20, v2: 30, v3: 50 }), weights({ v3: 50, v1: 20, v2: 30 })), {
      added: [],
      removed: [],
      updated: [],
    });
  });

  it("with a version more is its AppVersion, and the VirtualService, but no other version's", async () => {
    const after = { versions: VERSIONS, weights: { v1: 75, v2: 25, v3: 0 } };
    assert.deepEqual(await change({ versions: VERSIONS.slice(0, 2), weight: 25 }, after), {
      added: roomOf("v3"),
      removed: [],
      updated: [ROUTES],
    });
  });

  it("with every version replaced is their AppVersions and the VirtualService", async () => {
    const replaced = await change({ versions: [VERSIONS[0]] }, { versions: [VERSIONS[1]] });
    assert.deepEqual(replaced, { added: roomOf("v2"), removed: roomOf("v1"), updated: [ROUTES] });
  });

  it("with a version's image is its Deployment alone", async () => {
    const [v1, v2] = VERSIONS;
    const after = { versions: [v1, { ...v2, image: "example.com/shop:v2.1" }], weight: 25 };
    assert.deepEqual(await change({ versions: [v1, v2], weight: 25 }, after), {
      added: [],
      removed: [],
      updated: [`${TYPES.deployment}::shop-v2`],
    });
  });
});

describe("the Service", () => {
  const waitsFor = async (args: CanaryAppArgs) =>
    find((await recordApp(args)).resources, TYPES.service, "shop").dependencies.filter((each) =>
      each.startsWith(TYPES.deployment),
    );
  const deployments = ["v1", "v2", "v3"].map((name) => `${TYPES.deployment}::shop-${name}`);

  it("is after all pods where it has the name of their port: those of before may have none", async () => {
    assert.deepEqual((await waitsFor({ versions: VERSIONS, weights: { v1: 100, v2: 0, v3: 0 } })).sort(), deployments);
  });

  it("waits for none where it has the number: those of before may have another name", async () => {
    const podSpec = { containers: [{ name: "app", image: "example.com/shop:v2" }] };
    assert.deepEqual(await waitsFor({ versions: [VERSIONS[0], { name: "v2", podSpec }], weight: 0 }), []);
  });
});

describe("make before break", () => {
  const args: CanaryAppArgs = {
    versions: VERSIONS,
    weights: { v1: 50, v2: 0, v3: 50 },
    trafficPolicy: { loadBalancer: "RANDOM" },
  };
  let resources: RecordedResource[];
  before(async () => void ({ resources } = await recordApp(args)));
  const ofType = (...types: string[]) => resources.filter(({ type, managed }) => types.includes(type) && managed);

  it("the VirtualService waits for every DestinationRule, Deployment and Gateway, and for the Service", () => {
    const { dependencies } = find(resources, TYPES.virtualService, "shop-routes");
    const needed = ofType(TYPES.destinationRule, TYPES.deployment, TYPES.gateway, TYPES.service).map(key);
    assert.equal(needed.length, 4 + 3 + 1 + 1);
    assert.deepEqual(
      needed.filter((each) => !dependencies.includes(each)),
      [],
    );
  });

  it("every version's DestinationRule waits for its Deployment, and for no other's", () => {
    for (const { name } of VERSIONS) {
      const { dependencies } = find(resources, TYPES.destinationRule, `shop-${name}-subset`);
      assert.deepEqual(
        dependencies.filter((each) => each.startsWith(TYPES.deployment)),
        [`${TYPES.deployment}::shop-${name}`],
      );
    }
  });

  it("all that gets a sidecar or is Istio's waits for the control plane", () => {
    const istiod = `${TYPES.release}::shop-mesh-istiod`;
    const waiting = ofType(TYPES.deployment, TYPES.destinationRule, TYPES.gateway);
    assert.equal(waiting.length, 3 + 4 + 1);
    for (const { name, dependencies } of waiting) {
      assert.ok(dependencies.includes(istiod), name);
    }
    assert.ok(find(resources, TYPES.namespace, "shop").dependencies.includes(istiod));
    assert.ok(find(resources, TYPES.release, "shop-mesh-gateway").dependencies.includes(istiod));
  });

  it("nothing waits for the VirtualService, so it is updated last and deleted first", () => {
    assert.deepEqual(
      resources.filter(({ dependencies }) => dependencies.includes(ROUTES)),
      [],
    );
  });

  it("nothing waits for an AppVersion as a whole: one that goes takes nothing with it", () => {
    for (const { name, dependencies } of resources) {
      assert.ok(!dependencies.some((each) => each.startsWith(TYPES.version)), name);
    }
  });

  it("every resource is recorded after all that it waits for", () => {
    const seen = new Set<string>();
    for (const resource of resources) {
      assert.deepEqual(
        [resource.parent, ...resource.dependencies].filter((each) => each !== "" && !seen.has(each)),
        [],
        resource.name,
      );
      seen.add(key(resource));
    }
  });
});
