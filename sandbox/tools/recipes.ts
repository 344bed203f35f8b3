import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Progress } from "../progress";
import { runCommand } from "./command";
import { ENVOY_VERSION, envoyInputs, fetchEnvoy } from "./envoy";
import { buildGo, goInputs, moduleFolder, type GoProgram } from "./go";
import { iprouteSource } from "./iproute";
import { nodeProgramsSource } from "./nodePrograms";
import type { Platform } from "./platform";

/** The tools that the sandbox knows. Only what is asked for is made. */
export const TOOL_NAMES = [
  "kube", "coredns", "node-programs", "iproute", "pause", "demo", "pilot", "pilot-agent", "charts", "envoy", "istioctl", "helm", "fortio", "prometheus", "metrics-server", "actionlint", "flagger", "argo-rollouts",
] as const;

/** The name of a tool. */
export type ToolName = (typeof TOOL_NAMES)[number];

/** How a tool is made. */
export interface Recipe {
  version: string;
  /** Everything that the outcome depends on. */
  inputs: readonly string[];
  /** What the tool's `path` is, in its folder; "" if the folder itself is the tool. */
  program: string;
  /** The Go build behind it, if there is one. */
  go?: GoProgram;
  make(folder: string, progress: Progress): Promise<void>;
}

const KUBERNETES_VERSION = "1.34.4";
const COREDNS_VERSION = "1.12.4";
const HELM_VERSION = "3.22.0";
const FORTIO_VERSION = "1.68.0";
const ACTIONLINT_VERSION = "1.7.12";
const FLAGGER_VERSION = "1.36.1";
const ARGO_ROLLOUTS_VERSION = "1.9.0";
const METRICS_SERVER_VERSION = "0.9.0";
/** Of the Go module, which counts Prometheus 3.15.0 as v0.315.0. */
const PROMETHEUS_VERSION = "0.315.0";

/**
 * The version that all of Istio's parts are stamped with. The module has no version of its own: this names the
 * release line that its VERSION file names, and the commit, as a semantic version that is older than 1.31.0.
 */
export const ISTIO_VERSION = "1.31.0-eed52ebb66ad";

/** Where Istio's images are published, and what the images made here are called after. */
export const ISTIO_HUB = "registry.istio.io/release";

const MODULES = join(__dirname, "..", "go");
const ISTIO = "istio.io/istio";

/**
 * How the tool is made on this platform.
 * @throws ToolError if that can be told to be impossible at once
 */
export function recipe(name: ToolName, platform: Platform): Recipe {
  switch (name) {
    case "kube":
      return goTool(platform, KUBERNETES_VERSION, { name, module: join(MODULES, "kube"), package: ".", tags: ["grpcnotrace"], stamps: kubernetesStamps() }, {
        also: "kubectl",
        async make(folder) {
          symlinkSync("kube", join(folder, "kubectl"));
        },
      });
    case "coredns":
      return goTool(platform, COREDNS_VERSION, { name, module: join(MODULES, "coredns"), package: ".", tags: ["grpcnotrace"], stamps: {} });
    case "pause":
    case "demo":
      return goTool(platform, "1.0", { name, module: join(MODULES, name), package: ".", tags: [], stamps: {} });
    case "pilot":
      return goTool(platform, ISTIO_VERSION, istioProgram(platform, name, "pilot/cmd/pilot-discovery", ["vtprotobuf", "disable_pgv"]));
    case "istioctl":
      return goTool(platform, ISTIO_VERSION, istioProgram(platform, name, "istioctl/cmd/istioctl", ["vtprotobuf", "disable_pgv"]));
    case "pilot-agent":
      return pilotAgent(platform);
    case "charts":
      return charts(platform);
    case "helm":
      return goTool(platform, HELM_VERSION, { name, module: join(MODULES, "helm"), package: "helm.sh/helm/v3/cmd/helm", tags: [], stamps: helmStamps() });
    case "fortio":
      return goTool(platform, FORTIO_VERSION, { name, module: join(MODULES, "fortio"), package: "fortio.org/fortio", tags: [], stamps: {} });
    case "actionlint":
      return goTool(platform, ACTIONLINT_VERSION, { name, module: join(MODULES, "actionlint"), package: "github.com/rhysd/actionlint/cmd/actionlint", tags: [], stamps: {} });
    case "metrics-server":
      return goTool(platform, METRICS_SERVER_VERSION, { name, module: join(MODULES, name), package: "sigs.k8s.io/metrics-server/cmd/metrics-server", tags: ["grpcnotrace"], stamps: {} });
    case "prometheus":
      return goTool(platform, PROMETHEUS_VERSION, prometheusProgram());
    case "flagger":
      return controller(platform, FLAGGER_VERSION, name, "github.com/fluxcd/flagger", "cmd/flagger", "artifacts/flagger/crd.yaml");
    case "argo-rollouts":
      return controller(platform, ARGO_ROLLOUTS_VERSION, name, "github.com/argoproj/argo-rollouts", "cmd/rollouts-controller", "manifests/crds");
    case "envoy":
      return { version: ENVOY_VERSION, inputs: [...envoyInputs, platform.goarch], program: "envoy", make: (folder, progress) => fetchEnvoy(folder, platform, progress) };
    case "iproute":
      return { ...iprouteSource(platform), program: "bin/ip" };
    case "node-programs":
      return { ...nodeProgramsSource(platform), program: "bin" };
  }
}

/** A step after the compiler's, which is an input too. */
interface Finish {
  also: string;
  make(folder: string, progress: Progress): Promise<void>;
}

function goTool(platform: Platform, version: string, go: GoProgram, finish?: Finish): Recipe {
  return {
    version,
    go,
    inputs: [...goInputs(go, platform), ...(finish ? [finish.also] : [])],
    program: go.package === "." ? go.name : go.package.slice(go.package.lastIndexOf("/") + 1),
    async make(folder, progress) {
      await buildGo(go, platform, folder, progress);
      await finish?.make(folder, progress);
    },
  };
}

/** Without these a cluster calls itself v0.0.0. */
function kubernetesStamps(): Record<string, string> {
  const [major, minor] = KUBERNETES_VERSION.split(".");
  const stamps: Record<string, string> = {};
  for (const module of ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]) {
    stamps[`${module}.gitVersion`] = `v${KUBERNETES_VERSION}`;
    stamps[`${module}.gitMajor`] = major;
    stamps[`${module}.gitMinor`] = minor;
    stamps[`${module}.gitTreeState`] = "clean";
    stamps[`${module}.buildDate`] = "1970-01-01T00:00:00Z";
  }
  return stamps;
}

/** Its version, and the Kubernetes that charts are rendered for where no cluster is asked. */
function helmStamps(): Record<string, string> {
  const [major, minor] = KUBERNETES_VERSION.split(".");
  return {
    "helm.sh/helm/v3/internal/version.version": `v${HELM_VERSION}`,
    "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": major,
    "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": minor,
  };
}

/** Of all that Prometheus can find targets in, Kubernetes alone: the others' libraries are most of what would be compiled. */
function prometheusProgram(): GoProgram {
  const tags = ["remove_all_sd", "enable_kubernetes_sd"];
  return { name: "prometheus", module: join(MODULES, "prometheus"), package: "github.com/prometheus/prometheus/cmd/prometheus", tags, stamps: {} };
}

function istioProgram(platform: Platform, name: ToolName, path: string, tags: readonly string[]): GoProgram {
  const version = `${ISTIO}/pkg/version`;
  return {
    name,
    module: join(MODULES, "istio"),
    package: `${ISTIO}/${path}`,
    tags,
    stamps: {
      [`${version}.buildVersion`]: ISTIO_VERSION,
      [`${version}.buildTag`]: ISTIO_VERSION,
      [`${version}.buildGitRevision`]: ISTIO_VERSION.slice(ISTIO_VERSION.indexOf("-") + 1),
      [`${version}.buildStatus`]: "Clean",
      [`${version}.buildHub`]: ISTIO_HUB,
      [`${version}.buildOS`]: "linux",
      [`${version}.buildArch`]: platform.goarch,
    },
  };
}

function pilotAgent(platform: Platform): Recipe {
  const go = istioProgram(platform, "pilot-agent", "pilot/cmd/pilot-agent", ["agent", "disable_pgv", "grpcnotrace", "retrynotrace"]);
  return goTool(platform, ISTIO_VERSION, go, {
    also: "envoy_bootstrap_tmpl.json",
    // The template of Envoy's configuration belongs to the very same commit as the agent that fills it in.
    async make(folder) {
      const template = join(folder, "envoy_bootstrap_tmpl.json");
      copyFileSync(join(await moduleFolder(go, platform, ISTIO), "tools", "packaging", "common", "envoy_bootstrap.json"), template);
      chmodSync(template, 0o644);
    },
  });
}

/** Another's controller of progressive delivery; the definitions of its kinds, a file or a folder of them, are in the folder `crds` beside it. */
function controller(platform: Platform, version: string, name: ToolName, required: string, path: string, definitions: string): Recipe {
  const go: GoProgram = { name, module: join(MODULES, name), package: `${required}/${path}`, tags: [], stamps: {} };
  return goTool(platform, version, go, {
    also: definitions,
    async make(folder) {
      const source = join(await moduleFolder(go, platform, required), definitions);
      const files = statSync(source).isDirectory() ? readdirSync(source).map((file) => join(source, file)) : [source];
      mkdirSync(join(folder, "crds"));
      // Read and written, since a copy would be read-only as everything in Go's cache of modules is.
      files.filter((file) => file.endsWith("crd.yaml")).forEach((file) => writeFileSync(join(folder, "crds", basename(file)), readFileSync(file)));
    },
  });
}

function charts(platform: Platform): Recipe {
  const go: GoProgram = { name: "charts", module: join(MODULES, "istio"), package: "./cmd/charts", tags: [], stamps: {} };
  const tool = goTool(platform, ISTIO_VERSION, go, {
    also: `${ISTIO_HUB} ${ISTIO_VERSION}`,
    async make(folder) {
      const writer = join(folder, "charts");
      await runCommand("writing Istio's charts", [writer, "-out", folder, "-hub", ISTIO_HUB, "-tag", ISTIO_VERSION]);
      rmSync(writer);
    },
  });
  return { ...tool, program: "" };
}
