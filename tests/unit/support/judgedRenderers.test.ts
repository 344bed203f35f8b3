import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import * as gateways from "../../../src/istio/gateway";
import * as istioObjects from "../../../src/istio/istioObjects";
import { requireCrdSchemas } from "./crdSchemas";
import { NO_RENDERERS, RENDERERS } from "./renderers";

const ROOT = resolve(__dirname, "../../..");

describe("the assessment of what unit tests render", () => {
  before(function () {
    requireCrdSchemas(this);
  });

  const render = (timeout: unknown, extra?: object) =>
    istioObjects.virtualService(
      { hosts: [], internal: true },
      { host: "shop", ports: [{ name: "http", port: 80, protocol: "http" }] },
      { routes: [{ timeout: timeout as string, extra }], weights: { v1: 100 } },
    );

  it("lets pass what the definitions take", () => assert.ok(render("1s")));

  it("fails the test that renders what they refuse", () => {
    assert.throws(
      () => render(5),
      /Istio's definitions refuse what virtualService renders: spec\.http\.0\.timeout must be string/,
    );
    assert.throws(
      () => gateways.gateway([{ port: "80" as never }], ["*"], {}),
      /refuse what gateway renders: spec\.servers\.0\.port\.number must be integer/,
    );
  });

  it("does not hold against us what a user passes through", () => {
    assert.ok(render("1s", { misspelt: true }));
    assert.throws(() => render(5, { misspelt: true }), /timeout must be string/);
  });
});

describe("the list of functions that render objects of Istio's", () => {
  const modules = readdirSync(join(ROOT, "src/istio"), { recursive: true, encoding: "utf8" })
    .map((file) => `src/istio/${file}`)
    .filter((file) => file.endsWith(".ts"));

  it("has every one: each exported function that may be one stands in RENDERERS or NO_RENDERERS", () => {
    const listed = (module: string) =>
      [...Object.keys(RENDERERS[module] ?? {}), ...(NO_RENDERERS[module] ?? [])].sort();
    const perModule = (names: (module: string) => string[]) =>
      Object.fromEntries(modules.map((module) => [module, names(module)]));
    assert.deepEqual(
      perModule((module) => possibleRenderers(module).sort()),
      perModule(listed),
    );
  });

  it("names no module that is not there", () => {
    assert.deepEqual(
      [...Object.keys(RENDERERS), ...Object.keys(NO_RENDERERS)].filter((module) => !modules.includes(module)),
      [],
    );
  });
});

/** What no renderer's type says it gives. */
const OTHER_RESULTS =
  /^(void|boolean|string|Check|TlsMode \| undefined|ServerProtocol|"[^|]*"( \| "[^|]*")*|\w+ is .*)$/;

/** The functions that a module exports, but those that by their declared type give no part of an object. */
function possibleRenderers(module: string): string[] {
  const file = join(ROOT, module);
  const exported = require(file) as Record<string, unknown>;
  const types = declaredResults(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest));
  const names: string[] = [];
  for (const name in exported) {
    // with those that the judged module inherits from the real one
    if (typeof exported[name] === "function" && !OTHER_RESULTS.test(types.get(name) ?? "")) {
      names.push(name);
    }
  }
  return names;
}

/** The declared type of what each function of a source gives; of a constant, its own. */
function declaredResults(source: ts.SourceFile): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  source.forEachChild((node) => {
    if (ts.isFunctionDeclaration(node) && node.name !== undefined && node.type !== undefined) {
      types.set(node.name.text, node.type.getText(source));
    } else if (ts.isVariableStatement(node)) {
      for (const { name, type } of node.declarationList.declarations) {
        types.set(name.getText(source), type?.getText(source) ?? "");
      }
    }
  });
  return types;
}
