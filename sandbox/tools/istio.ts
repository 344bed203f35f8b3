import { chmodSync, copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command";
import { moduleFolder } from "./go";
import type { GoProgram } from "./goProgram";
import type { Platform } from "./platform";
import { goTool, MODULES, type Recipe } from "./recipe";

/** A commit of Istio that its parts are built from. */
export interface IstioSource {
  /**
   * The version that all of its parts are stamped with. The module has no version of its own: this one consists of the
   * release line in its VERSION file and the commit, as a semantic version that is older than 1.31.0.
   */
  readonly version: string;
  /** The file that names the commit and what it requires, in the folder of `go/istio`. Default: go.mod. */
  readonly requirements?: string;
}

/** The Istio of the sandbox. */
export const ISTIO: IstioSource = { version: "1.31.0-eed52ebb66ad" };

/** The Istio of four months earlier, to upgrade from: its API is that of 1.30. */
export const EARLIER_ISTIO: IstioSource = { version: "1.31.0-b01690e6db7d", requirements: "earlier.mod" };

/** Where Istio's images are published, which is also the name prefix of the images made here. */
export const ISTIO_HUB = "registry.istio.io/release";

const MODULE = "istio.io/istio";

/** Istio's control plane. */
export function pilot(platform: Platform, source: IstioSource): Recipe {
  return goTool(
    platform,
    source.version,
    istioProgram(platform, source, "pilot", "pilot/cmd/pilot-discovery", ["vtprotobuf", "disable_pgv"]),
  );
}

/** Istio's command. */
export function istioctl(platform: Platform, source: IstioSource): Recipe {
  return goTool(
    platform,
    source.version,
    istioProgram(platform, source, "istioctl", "istioctl/cmd/istioctl", ["vtprotobuf", "disable_pgv"]),
  );
}

/** The program that starts Envoy in each proxy. */
export function pilotAgent(platform: Platform, source: IstioSource): Recipe {
  const go = istioProgram(platform, source, "pilot-agent", "pilot/cmd/pilot-agent", [
    "agent",
    "disable_pgv",
    "grpcnotrace",
    "retrynotrace",
  ]);
  return goTool(platform, source.version, go, {
    also: "envoy_bootstrap_tmpl.json",
    // The template of Envoy's configuration comes from the same commit as the agent that fills it in.
    async make(folder) {
      const template = join(folder, "envoy_bootstrap_tmpl.json");
      copyFileSync(
        join(await moduleFolder(go, platform, MODULE), "tools", "packaging", "common", "envoy_bootstrap.json"),
        template,
      );
      chmodSync(template, 0o644);
    },
  });
}

/** The folders of Istio's charts. */
export function charts(platform: Platform, source: IstioSource): Recipe {
  const go: GoProgram = {
    name: "charts",
    module: join(MODULES, "istio"),
    requirements: source.requirements,
    package: "./cmd/charts",
    tags: [],
    stamps: {},
  };
  const tool = goTool(platform, source.version, go, {
    also: `${ISTIO_HUB} ${source.version}`,
    async make(folder) {
      const writer = join(folder, "charts");
      await runCommand("writing Istio's charts", [writer, "-out", folder, "-hub", ISTIO_HUB, "-tag", source.version]);
      rmSync(writer);
    },
  });
  return { ...tool, program: "" };
}

function istioProgram(
  platform: Platform,
  source: IstioSource,
  name: string,
  path: string,
  tags: readonly string[],
): GoProgram {
  const stamped = `${MODULE}/pkg/version`;
  return {
    name,
    module: join(MODULES, "istio"),
    requirements: source.requirements,
    package: `${MODULE}/${path}`,
    tags,
    stamps: {
      [`${stamped}.buildVersion`]: source.version,
      [`${stamped}.buildTag`]: source.version,
      [`${stamped}.buildGitRevision`]: source.version.slice(source.version.indexOf("-") + 1),
      [`${stamped}.buildStatus`]: "Clean",
      [`${stamped}.buildHub`]: ISTIO_HUB,
      [`${stamped}.buildOS`]: "linux",
      [`${stamped}.buildArch`]: platform.goarch,
    },
  };
}
