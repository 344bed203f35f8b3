import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { defaultOf } from "../../../tools/docs/docstrings";
import { reference } from "../../../tools/docs/reference";
import { rolloutSettings } from "../../../tools/docs/rolloutSettings";
import { reviewedSchema } from "../support/reviewedSchema";

/** The section about a type. */
function section(markdown: string, name: string): string {
  return `${markdown}\n## `.split(`\n## ${name}\n`)[1].split("\n## ")[0];
}

/** The cells of the row about an argument or a value. */
function row(markdown: string, type: string, name: string): string[] {
  const rows = section(markdown, type)
    .split("\n")
    .map((line) => line.slice(2, -2).split(" | "));
  return rows.find(([first]) => first === `\`${name}\``) ?? [];
}

function namesIn(markdown: string, type: string): string[] {
  return [...section(markdown, type).matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
}

describe("the reference of a rollout's settings", () => {
  let settings: string;
  before(() => void (settings = rolloutSettings()));

  it("is what the docstrings say", async () => {
    const kept = await readFile(join(__dirname, "../../../docs/rollout-settings.md"), "utf8");
    assert.ok(kept === settings, "docs/rollout-settings.md is stale: run `npm run docs`");
  });

  it("tells types that are one of several, and those of the components by a link", () => {
    assert.equal(row(settings, "RolloutSettings", "hold")[1], "number or text");
    assert.equal(row(settings, "RolloutSettings", "match")[1], "list of [MatchArgs](reference.md#matchargs)");
    assert.deepEqual(row(settings, "ApprovalGate", "kind"), ["`kind`", "`approval`", "required", "Which kind it is."]);
  });

  it("tells what a setting takes over from another, and once what both have", () => {
    assert.deepEqual(namesIn(settings, "ApprovalGate"), ["kind", "when", "name"]);
  });
});

describe("the reference of all arguments", () => {
  let page: string;
  before(() => void (page = reference(reviewedSchema())));

  it("is what Pulumi's schema and the docstrings say", async () => {
    const kept = await readFile(join(__dirname, "../../../docs/reference.md"), "utf8");
    const how = "docs/reference.md or the reviewed schema is stale: see schema.test.ts, then run `npm run docs`";
    assert.ok(kept === page, how);
  });

  it("tells type, default and Istio's field of an argument", () => {
    assert.deepEqual(row(page, "RouteArgs", "timeout"), [
      "`timeout`",
      "text",
      "no limit",
      "How long a response may take, e.g. `10s`. VirtualService `http[].timeout`.",
    ]);
  });

  it("tells lists, maps, what may be anything, and what is required or has to be plain", () => {
    const typeOf = (type: string, name: string) => row(page, type, name).slice(1, 3);
    assert.deepEqual(typeOf("CanaryAppArgs", "versions"), ["list of [VersionArgs](#versionargs), plain", "required"]);
    assert.deepEqual(typeOf("CanaryAppArgs", "weights"), ["number by name", ""]);
    assert.deepEqual(typeOf("VersionArgs", "podSpec"), ["any", ""]);
    assert.deepEqual(typeOf("NamespaceArgs", "create"), ["true or false, plain", "true"]);
  });

  it("tells what an object takes over from another, with the values of constants", () => {
    const names = namesIn(page, "MeshArgs");
    assert.ok(["install", "charts"].every((name) => names.includes(name)));
    assert.equal(row(page, "MeshArgs", "version")[2], '"1.31.1"');
  });

  it("tells the values of an argument that has but a few", () => {
    assert.equal(row(page, "TrafficPolicyArgs", "loadBalancer")[1], "[LoadBalancer](#loadbalancer)");
    assert.ok(row(page, "LoadBalancer", "RANDOM")[1].length > 10);
  });

  it("has no section for a type that the library does not declare", () => {
    const schema = reviewedSchema();
    schema.types["canary-app:index:NoSuchArgs"] = { properties: {} };
    assert.throws(() => reference(schema), /NoSuchArgs is declared in none of the folders/);
  });

  it("is refused where a docstring goes on after the default, which Pulumi's schema loses", () => {
    const fieldOf = (docstring: string) => {
      const source = ts.createSourceFile(
        "a.ts",
        `interface A {\n/** ${docstring} */\na?: 1 }`,
        ts.ScriptTarget.ES2022,
        true,
      );
      return (source.statements[0] as ts.InterfaceDeclaration).members[0] as ts.PropertySignature;
    };
    const none = { interfaces: new Map(), constants: new Map(), aliases: new Map() };
    assert.equal(defaultOf(fieldOf("Its port. @default 8080, e.g. 0.5"), none), "8080, e.g. 0.5");
    assert.equal(defaultOf(fieldOf("Its port."), none), undefined);
    for (const docstring of ["Its port. @default 80. Service `port`.", "Its port. @default 80."]) {
      assert.throws(() => defaultOf(fieldOf(docstring), none), /the docstring of A\.a goes on after "@default 80\./);
    }
  });
});
