import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { EARLIER_ENVOY, ENVOY, envoyInputs, fetchEnvoy, type EnvoyRelease } from "./envoy";
import { moduleFolder } from "./go";
import type { GoProgram } from "./goProgram";
import { iprouteSource } from "./iproute";
import { charts, EARLIER_ISTIO, ISTIO, istioctl, pilot, pilotAgent } from "./istio";
import { nodeProgramsSource } from "./nodePrograms";
import type { Platform } from "./platform";
import { kubernetesProvider, nodejsHost, pulumi, yamlHost } from "./pulumi";
import { goTool, MODULES, type Recipe } from "./recipe";

/** The tools that the sandbox knows. Only those that are requested are made. */
export const TOOL_NAMES = [
  "kube",
  "coredns",
  "node-programs",
  "iproute",
  "pause",
  "demo",
  "pilot",
  "pilot-agent",
  "charts",
  "envoy",
  "istioctl",
  "helm",
  "fortio",
  "prometheus",
  "metrics-server",
  "actionlint",
  "flagger",
  "argo-rollouts",
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-language-yaml",
  "pulumi-resource-kubernetes",
  "pilot-earlier",
  "pilot-agent-earlier",
  "charts-earlier",
  "envoy-earlier",
] as const;

/** The name of a tool. */
export type ToolName = (typeof TOOL_NAMES)[number];

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
 * How the tool is made on this platform.
 * @throws ToolError if that is known to be impossible
 */
export function recipe(name: ToolName, platform: Platform): Recipe {
  switch (name) {
    case "kube":
      return goTool(
        platform,
        KUBERNETES_VERSION,
        { name, module: join(MODULES, "kube"), package: ".", tags: ["grpcnotrace"], stamps: kubernetesStamps() },
        {
          also: "kubectl",
          async make(folder) {
            symlinkSync("kube", join(folder, "kubectl"));
          },
        },
      );
    case "coredns":
      return goTool(platform, COREDNS_VERSION, {
        name,
        module: join(MODULES, "coredns"),
        package: ".",
        tags: ["grpcnotrace"],
        stamps: {},
      });
    case "pause":
    case "demo":
      return goTool(platform, "1.0", { name, module: join(MODULES, name), package: ".", tags: [], stamps: {} });
    case "pilot":
      return pilot(platform, ISTIO);
    case "pilot-earlier":
      return pilot(platform, EARLIER_ISTIO);
    case "istioctl":
      return istioctl(platform, ISTIO);
    case "pilot-agent":
      return pilotAgent(platform, ISTIO);
    case "pilot-agent-earlier":
      return pilotAgent(platform, EARLIER_ISTIO);
    case "charts":
      return charts(platform, ISTIO);
    case "charts-earlier":
      return charts(platform, EARLIER_ISTIO);
    case "helm":
      return goTool(platform, HELM_VERSION, {
        name,
        module: join(MODULES, "helm"),
        package: "helm.sh/helm/v3/cmd/helm",
        tags: [],
        stamps: helmStamps(),
      });
    case "fortio":
      return goTool(platform, FORTIO_VERSION, {
        name,
        module: join(MODULES, "fortio"),
        package: "fortio.org/fortio",
        tags: [],
        stamps: {},
      });
    case "actionlint":
      return goTool(platform, ACTIONLINT_VERSION, {
        name,
        module: join(MODULES, "actionlint"),
        package: "github.com/rhysd/actionlint/cmd/actionlint",
        tags: [],
        stamps: {},
      });
    case "metrics-server":
      return goTool(platform, METRICS_SERVER_VERSION, {
        name,
        module: join(MODULES, name),
        package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
        tags: ["grpcnotrace"],
        stamps: {},
      });
    case "prometheus":
      return goTool(platform, PROMETHEUS_VERSION, prometheusProgram());
    case "flagger":
      return controller(
        platform,
        FLAGGER_VERSION,
        name,
        "github.com/fluxcd/flagger",
        "cmd/flagger",
        "artifacts/flagger/crd.yaml",
      );
    case "argo-rollouts":
      return controller(
        platform,
        ARGO_ROLLOUTS_VERSION,
        name,
        "github.com/argoproj/argo-rollouts",
        "cmd/rollouts-controller",
        "manifests/crds",
      );
    case "pulumi":
      return pulumi(platform);
    case "pulumi-language-nodejs":
      return nodejsHost(platform);
    case "pulumi-language-yaml":
      return yamlHost(platform);
    case "pulumi-resource-kubernetes":
      return kubernetesProvider(platform);
    case "envoy":
      return envoy(platform, ENVOY);
    case "envoy-earlier":
      return envoy(platform, EARLIER_ENVOY);
    case "iproute":
      return { ...iprouteSource(platform), program: "bin/ip" };
    case "node-programs":
      return { ...nodeProgramsSource(platform), program: "bin" };
  }
}

function envoy(platform: Platform, release: EnvoyRelease): Recipe {
  return {
    version: release.version,
    inputs: [...envoyInputs(release), platform.goarch],
    program: "envoy",
    make: (folder, progress) => fetchEnvoy(folder, release, platform, progress),
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

/**
 * Of all of Prometheus's service discoveries, only Kubernetes': the libraries of the others are most of what would be
 * compiled.
 */
function prometheusProgram(): GoProgram {
  const tags = ["remove_all_sd", "enable_kubernetes_sd"];
  return {
    name: "prometheus",
    module: join(MODULES, "prometheus"),
    package: "github.com/prometheus/prometheus/cmd/prometheus",
    tags,
    stamps: {},
  };
}

/**
 * Another project's controller for progressive delivery; its custom resource definitions, a file or a folder, are in
 * the folder `crds` beside it.
 */
function controller(
  platform: Platform,
  version: string,
  name: ToolName,
  required: string,
  path: string,
  definitions: string,
): Recipe {
  const go: GoProgram = { name, module: join(MODULES, name), package: `${required}/${path}`, tags: [], stamps: {} };
  return goTool(platform, version, go, {
    also: definitions,
    async make(folder) {
      const source = join(await moduleFolder(go, platform, required), definitions);
      const files = statSync(source).isDirectory() ? readdirSync(source).map((file) => join(source, file)) : [source];
      mkdirSync(join(folder, "crds"));
      // Read and written instead of copied: a copy would be read-only, like everything in Go's module cache.
      files
        .filter((file) => file.endsWith("crd.yaml"))
        .forEach((file) => writeFileSync(join(folder, "crds", basename(file)), readFileSync(file)));
    },
  });
}
