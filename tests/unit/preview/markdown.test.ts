import assert from "node:assert/strict";
import fc from "fast-check";
import { commentMark, markdown } from "../../../src/preview/report/markdown";
import type { PreviewReport } from "../../../src/preview/report/previewReport";
import { text } from "../../../src/preview/report/text";
import { SHOP, appReport } from "./appChange";

describe("a report as a comment", () => {
  it("begins with its stack's mark, tells what moves, and folds the rest", async () => {
    const told = markdown(await appReport(SHOP, { ...SHOP, weight: 100 }));
    assert.equal(
      told,
      `<!-- canary preview of shop/dev -->

### Traffic of \`shop/dev\`

- **shop.example.com and shop.shop.svc.cluster.local: 75% of the requests move from v1 (75% → 0%) to v2 (25% → 100%)**

**1 warning**

- ⚠️ shop.example.com, shop.shop.svc.cluster.local, every request: 75% of the requests move in one change; at most 50% are allowed

shop.example.com, shop.shop.svc.cluster.local

| requests | v1 | v2 |
| --- | ---: | ---: |
| every request | 75% → 0% | 25% → 100% |

<details><summary>Resources: 1 to update, 12 unchanged</summary>

- ~ \`VirtualService\` \`shop-routes\`
  - \`spec.http[0].route[0].weight\`: \`75\` → \`0\`
  - \`spec.http[0].route[1].weight\`: \`25\` → \`100\`

</details>
`,
    );
  });

  it("says so where nothing changes, and folds the routes", async () => {
    const told = markdown(await appReport(SHOP, SHOP));
    assert.match(told, /\n\nNothing changes\.\n\n<details><summary>Routes, as they are<\/summary>/);
  });

  it("says so where no traffic moves", async () =>
    assert.match(
      markdown(await appReport(SHOP, { ...SHOP, trafficPolicy: { loadBalancer: "RANDOM" } })),
      /\n\nNo traffic moves\.\n\n/,
    ));

  it("is cut off before a host of comments does it, with all folds closed", async () => {
    const report = await appReport(SHOP, { ...SHOP, weight: 50 });
    const resource = report.resources[0];
    const told = markdown({
      ...report,
      resources: Array.from({ length: 5000 }, (_, index) => ({ ...resource, name: `n${index}` })),
    });
    assert.ok(told.length < 62_000);
    assert.match(told, /cut off here/);
    assert.equal(told.match(/<details>/g)?.length, told.match(/<\/details>/g)?.length);
  });

  it("lets no text of a stack become markup, a mention or a comment of its own", async () => {
    const report = await appReport(SHOP, { ...SHOP, weight: 50 });
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "<script>",
        "</details>",
        "-->",
        "| a | b |",
        "@everyone",
        "[x](javascript:1)",
        "```\n# h",
        "`",
        "``a``",
        "![i](x)",
        "<!-- canary preview of a/b -->",
      ),
    );
    fc.assert(
      fc.property(hostile, (evil) => {
        const told = markdown({
          ...report,
          stack: evil,
          headline: [evil],
          errors: [],
          routes: report.routes.map((route) => ({ ...route, requests: evil, hosts: [evil] })),
          warnings: [{ code: "engine", text: evil }],
          resources: report.resources.map((resource) => ({
            ...resource,
            name: evil,
            differences: [{ path: evil, before: evil, after: evil }],
          })),
        } as PreviewReport);
        const uncoded = told.replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
        const outside = uncoded.replace(/<\/?(details|summary)>/g, "").replace(/^<!-- [\w ./-]* -->$/m, "");
        assert.doesNotMatch(outside, /<[a-z!/]/i);
        assert.doesNotMatch(outside.replace(/\\[[\]]/g, ""), /\]\(/);
        assert.doesNotMatch(outside, /@\w/);
        assert.equal(uncoded.match(/<details>/g)?.length, uncoded.match(/<\/details>/g)?.length);
      }),
    );
  });

  it("has one mark for each stack", () => {
    assert.equal(commentMark({ project: "shop", stack: "org/prod" }), "<!-- canary preview of shop/org/prod -->");
    assert.equal(commentMark({ project: "a-->b", stack: "x\ny" }), "<!-- canary preview of a--_b/x_y -->");
  });
});

describe("a report for a terminal", () => {
  it("has the sentence, the table, the warnings and the resources", async () => {
    assert.equal(
      text(await appReport(SHOP, { ...SHOP, weight: 80 })),
      `Traffic of shop/dev
  shop.example.com and shop.shop.svc.cluster.local: 55% of the requests move from v1 (75% → 20%) to v2 (25% → 80%)

shop.example.com, shop.shop.svc.cluster.local
  requests               v1          v2
  every request   75% → 20%   25% → 80%

1 warning
  ! shop.example.com, shop.shop.svc.cluster.local, every request: 55% of the requests move in one change; at most 50% are allowed

Resources: 1 to update, 12 unchanged
  ~ VirtualService shop-routes
      spec.http[0].route[0].weight: 75 → 20
      spec.http[0].route[1].weight: 25 → 80
`,
    );
  });
});
