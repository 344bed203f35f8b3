import assert from "node:assert/strict";
import * as istioObjects from "../../../traffic/istioObjects";
import { requireCrdSchemas } from "./crdSchemas";
import { RENDERERS } from "./judgedRenderers";

describe("the judgement of what unit tests render", () => {
  before(function () {
    requireCrdSchemas(this);
  });

  const render = (timeout: unknown, extra?: object) =>
    istioObjects.virtualService({ hosts: [], internal: true }, { host: "shop", port: 80 }, [{ timeout: timeout as string, extra }], { v1: 100 });

  it("lets pass what the definitions take", () => assert.ok(render("1s")));

  it("fails the test that renders what they refuse", () => {
    assert.throws(() => render(5), /Istio's definitions refuse what virtualService renders: spec\.http\.0\.timeout must be string/);
  });

  it("does not hold against us what a user passes through", () => {
    assert.ok(render("1s", { misspelt: true }));
    assert.throws(() => render(5, { misspelt: true }), /timeout must be string/);
  });

  it("is passed on every function that renders a whole object", () => {
    const functions = Object.entries(istioObjects).filter(([, each]) => typeof each === "function");
    assert.deepEqual(functions.map(([name]) => name).filter((name) => !Object.hasOwn(RENDERERS["traffic/istioObjects.ts"], name)), []);
  });
});
