import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, sep } from "node:path";
import { record } from "../../../src/render/recorder";
import { TYPES } from "../recordings";
import { PROJECT_ROOT } from "../stackConfig";

/** The folders that make up the library. */
const LIBRARY = ["components", "src/internal/pulumiSdk", "src/istio", "src/validation", "src/workload"].map(
  (folder) => join(PROJECT_ROOT, folder) + sep,
);

describe("importing the library", () => {
  it("registers nothing", async () => {
    let library: Record<string, unknown> = {};
    const { resources, hooks } = await record(
      () => {
        const modules = Object.keys(require.cache).filter((file) => LIBRARY.some((folder) => file.startsWith(folder)));
        modules.forEach((file) => delete require.cache[file]);
        library = require(join(PROJECT_ROOT, "components"));
        return {};
      },
      { project: "test", stack: "dev" },
    );
    assert.deepEqual([resources.map(({ type }) => type), hooks], [[TYPES.stack], []]);
    assert.deepEqual(Object.keys(library).sort(), [
      "CanaryApp",
      "DEFAULT_CHART_REPOSITORY",
      "DEFAULT_ISTIO_VERSION",
      "H2UpgradePolicy",
      "ImagePullPolicy",
      "IstioMesh",
      "LoadBalancer",
      "MtlsMode",
      "RedirectPort",
      "SameSite",
      "ServerProtocol",
      "ServerTlsMode",
      "ServerTlsVersion",
      "ServiceProtocol",
      "SharedGateway",
      "TlsMode",
      "UnmatchedPreflights",
      "ValidationError",
    ]);
  });

  it("takes no package but Pulumi's own two", () => {
    const sources = LIBRARY.flatMap((folder) =>
      readdirSync(folder, { encoding: "utf8", recursive: true })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => readFileSync(join(folder, file), "utf8")),
    );
    const imports = sources.flatMap((source) =>
      [...source.matchAll(/(?:from |require\(|import\()"([^".][^"]*)"/g)].map(([, specifier]) => specifier),
    );
    const packages = new Set(
      imports.filter((name) => !isBuiltin(name)).map((name) => name.split("/").slice(0, 2).join("/")),
    );
    assert.deepEqual([...packages].sort(), ["@pulumi/kubernetes", "@pulumi/pulumi"]);
  });
});
