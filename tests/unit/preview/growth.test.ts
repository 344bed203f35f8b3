import assert from "node:assert/strict";
import { trafficDiff } from "../../../src/preview/traffic/trafficDiff";
import type { ResourceChange } from "../../../src/preview/change/resourceChange";
import { appChange, reportOf, SHOP } from "./appChange";

/** As many apps as asked, alike but for their names, whose resources count how often they are looked at. */
async function stackOf(apps: number): Promise<{ resources: ResourceChange[]; looks: () => number }> {
  const { resources } = await appChange(SHOP, { ...SHOP, weight: 50 });
  let looks = 0;
  const counting = (resource: ResourceChange) =>
    new Proxy(resource, { get: (target, field) => (looks++, target[field as keyof ResourceChange]) });
  const text = JSON.stringify(resources);
  const all = Array.from({ length: apps }, (_, index) =>
    (JSON.parse(text.replaceAll("shop", `shop${index}`)) as ResourceChange[]).map(counting),
  );
  return { resources: all.flat(), looks: () => looks };
}

describe("a preview's report of many apps", () => {
  it("looks at a stack of twice the size about twice as often", async () => {
    const looksAt = async (apps: number) => {
      const { resources, looks } = await stackOf(apps);
      const { routes } = reportOf({ resources, drift: [], diagnostics: [], policies: [] });
      assert.equal(routes.length, apps);
      return looks();
    };
    const [once, twice] = [await looksAt(20), await looksAt(40)];
    assert.ok(twice < 2.5 * once, `${once} looks at 20 apps, ${twice} at 40`); // sorting takes a little more than twice
  });

  it("tells routes apart that take the same requests, by their place", () => {
    const change = (weights: readonly number[]): ResourceChange => {
      const http = weights.map((weight) => ({
        route: [
          { destination: { host: "shop", subset: "v1" }, weight },
          { destination: { host: "shop", subset: "v2" }, weight: 100 - weight },
        ],
      }));
      const object = { metadata: { name: "shop" }, spec: { hosts: ["shop"], http } };
      return {
        urn: "u",
        type: "kubernetes:networking.istio.io/v1:VirtualService",
        name: "shop",
        kind: "update",
        before: { ...object, spec: { hosts: ["shop"], http: http.slice(0, 2) } },
        after: object,
      };
    };
    const diff = trafficDiff([change([90, 50, 10])]);
    assert.deepEqual(
      diff.map(({ before, after }) => [before?.shares[0].percent, after?.shares[0].percent]),
      [
        [90, 90],
        [50, 50],
        [undefined, 10],
      ],
    );
  });
});
