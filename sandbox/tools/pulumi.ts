import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replaceOnce, type ModulePatch } from "./goPatch";
import type { Platform } from "./platform";
import { goTool, MODULES, type Recipe } from "./recipe";

/** The newest CLI that is available as a Go module and builds. */
export const PULUMI_VERSION = "3.274.1";

/**
 * The release of the Kubernetes provider whose commit is the only one of its major version that is served as a Go
 * module.
 */
export const PROVIDER_VERSION = "4.25.0";

/** The language host for YAML. */
const YAML_VERSION = "1.25.0";

const MODULE = join(MODULES, "pulumi");
const SDK = "github.com/pulumi/pulumi/sdk/v3";
const PROVIDER = "github.com/pulumi/pulumi-kubernetes/provider/v4";

/** Pulumi's CLI and engine. */
export function pulumi(platform: Platform): Recipe {
  return goTool(platform, PULUMI_VERSION, {
    name: "pulumi",
    module: MODULE,
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    tags: [],
    stamps: { [`${SDK}/go/common/version.Version`]: `v${PULUMI_VERSION}` },
  });
}

/** Runs programs, component packages and policy packs on Node.js. */
export function nodejsHost(platform: Platform): Recipe {
  const name = "pulumi-language-nodejs";
  return goTool(platform, "1.0.0", {
    name,
    module: MODULE,
    package: `./${name}`,
    tags: [],
    stamps: { "main.version": "1.0.0" },
  });
}

/** Runs programs in YAML; in a module of its own, because it compiles only with an older engine's packages. */
export function yamlHost(platform: Platform): Recipe {
  const name = "pulumi-language-yaml";
  return goTool(platform, YAML_VERSION, {
    name,
    module: join(MODULES, "pulumi-yaml"),
    package: `github.com/pulumi/pulumi-yaml/cmd/${name}`,
    tags: [],
    stamps: { "github.com/pulumi/pulumi-yaml/pkg/version.Version": `v${YAML_VERSION}` },
  });
}

/** Pulumi's Kubernetes provider. */
export function kubernetesProvider(platform: Platform): Recipe {
  const name = "pulumi-resource-kubernetes";
  return goTool(platform, PROVIDER_VERSION, {
    name,
    module: MODULE,
    package: `${PROVIDER}/cmd/${name}`,
    tags: [],
    stamps: { [`${PROVIDER}/pkg/version.Version`]: `v${PROVIDER_VERSION}` },
    patch: PROVIDER_PATCH,
  });
}

/**
 * The provider was published against an older engine's packages, which would be compiled a second time: since 3.247 one
 * field of a schema is a pointer. And it embeds two files that its authors generate in their own build.
 */
const PROVIDER_PATCH: ModulePatch = {
  module: PROVIDER,
  change: "schema.go: Provider is a pointer; schema-embed.json, terraform-mapping-embed.json",
  apply(folder) {
    replaceOnce(
      join(folder, "pkg/gen/schema.go"),
      "Provider: pschema.ResourceSpec{",
      "Provider: &pschema.ResourceSpec{",
    );
    const command = join(folder, "cmd/pulumi-resource-kubernetes");
    const embed = (name: string, more: object = {}): void => {
      const whole = { ...JSON.parse(readFileSync(join(command, `${name}.json`), "utf8")), ...more };
      writeFileSync(join(command, `${name}-embed.json`), JSON.stringify(whole));
    };
    embed("schema", { version: PROVIDER_VERSION });
    embed("terraform-mapping");
  },
};
