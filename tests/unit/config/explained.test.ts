import assert from "node:assert/strict";
import { ConfigText } from "../../../src/config/configText";
import type { StackConfig } from "../../../src/config/stackConfig";
import { makePlan } from "../../../src/rollout/plan/makePlan";
import { appStateOf } from "../../../src/rollout/plan/appState";
import { explained } from "../../../src/config/explained";
import { refusalOf } from "../problems";

function configOf(...lines: string[]): StackConfig {
  const file = new ConfigText(["config:", "  shop:appName: shop", ...lines, ""].join("\n"), "shop");
  return { project: "shop", values: file.values(), misread: (key) => file.misread(key) };
}

function versions(...names: string[]): string {
  return `  shop:versions: [${names.map((name) => `{ name: ${name}, image: i }`).join(", ")}]`;
}

describe("a name in a stack's config that Pulumi does not read as a text", () => {
  const refused: [what: string, lines: string[], message: RegExp][] = [
    [
      "a short commit of digits",
      [versions("v1", "1234567"), "  shop:weight: 5"],
      /shop:versions\[1\]\.name is 1234567 without quotes \(line 3, column 51\), which Pulumi reads as the number 1234567; write "1234567"$/,
    ],
    [
      "one with a leading zero",
      [versions("0123456", "v2"), "  shop:weight: 5"],
      /shop:versions\[0\]\.name is 0123456 without quotes \(line 3, column 27\), which Pulumi reads as the number 42798; write "0123456"$/,
    ],
    [
      "a date",
      [versions("2026-11-28", "v2"), "  shop:weight: 5"],
      /versions\[0\]\.name is 2026-11-28 without quotes .* reads as the date 2026-11-28 00:00:00 \+0000 UTC; write "2026-11-28"$/,
    ],
    [
      "a boolean",
      [versions("true", "v2"), "  shop:weight: 5"],
      /versions\[0\]\.name is true without quotes .* reads as the boolean true; write "true"$/,
    ],
    [
      "a version that is a text in a list",
      ["  shop:versions: [2026, v2]", "  shop:weight: 5"],
      /shop:versions\[0\] is 2026 without quotes .*; write "2026"$/,
    ],
    [
      "the name of a share",
      [versions('"0123456"', "v2"), "  shop:weights: { 0123456: 90, v2: 10 }"],
      /shop:weights\["42798"\] names no declared version; .*The file has 0123456 without quotes \(line 4, column 19\), which Pulumi reads as 42798: write "0123456"/,
    ],
    [
      "the version of a route",
      [versions("v1", "v2"), "  shop:weight: 5", "  shop:routes: [{ version: 0o14 }, {}]"],
      /shop:routes\[0\]\.version is 0o14 without quotes .* the number 12; write "0o14"$/,
    ],
    [
      "a header's value",
      [
        versions("v1", "v2"),
        "  shop:weight: 5",
        "  shop:routes: [{ match: [{ headers: { a: { exact: 014 } } }] }, {}]",
      ],
      /shop:routes\[0\]\.match\[0\]\.headers\.a\.exact is 014 without quotes .* the number 12; write "014"$/,
    ],
  ];
  for (const [what, lines, message] of refused) {
    it(`is told with the quotes to write: ${what}`, () =>
      assert.match(refusalOf(() => appStateOf(configOf(...lines))).message, message));
  }

  it("is told with the quotes to write: a rollout's target", () => {
    const config = configOf(versions("v1", "v2"), "  shop:weight: 5", "  shop:rollout: { target: 0123456 }");
    const given = config.values["shop:rollout"] as object;
    assert.match(
      refusalOf(() => explained(config, "shop", () => makePlan(given, appStateOf(config)))).message,
      /shop:rollout\.target is 0123456 without quotes \(line 5, column 27\), which Pulumi reads as the number 42798; write "0123456"$/,
    );
  });

  it("is left alone where it is a number's place", () => {
    const { message } = refusalOf(() => appStateOf(configOf(versions("v1", "v2"), "  shop:weight: 0377")));
    assert.match(message, /shop:weight is 255; a whole number from 0 to 100 is needed$/);
  });

  it("is none in quotes, nor where it only looks like a number", () => {
    const { versions: names, weights } = appStateOf(
      configOf(
        versions('"9234567"', '"1234567"', "12e4567"),
        "  shop:weights: { 9234567: 50, 1234567: 20, 12e4567: 30 }",
      ),
    );
    assert.deepEqual(names, ["9234567", "1234567", "12e4567"]);
    assert.deepEqual(weights, { 9234567: 50, 1234567: 20, "12e4567": 30 });
  });

  it("needs a list of versions where names have digits only, whose order an object does not keep", () => {
    assert.match(
      refusalOf(() => appStateOf(configOf("  shop:weights: { 9234567: 50, 1234567: 50 }"))).message,
      /shop:versions is no list, and 1234567 has digits only; .*declare versions as a list, oldest first$/,
    );
  });
});

describe("a stack's config that is not in its file", () => {
  it("is told to be missing with where it may be", () => {
    const missing = (elsewhere: StackConfig["elsewhere"]) =>
      refusalOf(() => appStateOf({ project: "shop", values: {}, elsewhere })).message;
    assert.match(
      missing({ file: "/p/Pulumi.prod.yaml" }),
      /versions is missing[^]*There is no \/p\/Pulumi\.prod\.yaml.*--remote-config/,
    );
    assert.match(
      missing({ file: "/p/Pulumi.prod.yaml", environments: ["shop/prod"] }),
      /versions is missing[^]*Pulumi\.prod\.yaml takes values from shop\/prod of Pulumi ESC/,
    );
  });

  it("keeps that where it is read for another app's rollout", () => {
    const config = { project: "shop", values: {}, elsewhere: { file: "/p/Pulumi.prod.yaml" } };
    const read = () => explained(config, "shop", () => appStateOf(config, { prefix: "cart" }));
    assert.match(refusalOf(read).message, /cart:versions is missing[^]*There is no \/p\/Pulumi\.prod\.yaml/);
  });
});
