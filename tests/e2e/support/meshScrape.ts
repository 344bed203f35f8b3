import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kubectl } from "./kubectl";

/** How a Prometheus outside the cluster collects what pods show. */
export interface PodScrape {
  /** For its `scrape_configs`. */
  config: object;
  /** Removes the files with the access that the config names. */
  forget(): Promise<void>;
}

/** Collects what all proxies of the mesh show. */
export function meshScrape(kubectl: Kubectl): Promise<PodScrape> {
  return podScrape(kubectl, "mesh", "15090:stats/prometheus", [
    { source_labels: from("container_port_name"), action: "keep", regex: "http-envoy-prom" },
  ]);
}

/** Collects what a namespace's pods of the demo app show, each with its name as the label `pod`. */
export function demoScrape(kubectl: Kubectl, namespace: string): Promise<PodScrape> {
  return podScrape(kubectl, "demo", "9090:metrics", [
    {
      source_labels: ["__meta_kubernetes_namespace", ...from("container_port_number")],
      action: "keep",
      regex: `${namespace};8080`,
    },
    { source_labels: from("name"), target_label: "pod" },
  ]);
}

function from(...labels: string[]): string[] {
  return labels.map((label) => `__meta_kubernetes_pod_${label}`);
}

/**
 * Pods are found, and reached, through the API server: their own addresses are no use outside the cluster.
 *
 * @param shown Where they show it: `port:path`.
 * @param choice Which of all pods' containers, and what they are labelled with, as `relabel_configs` have it.
 */
async function podScrape(kubectl: Kubectl, job: string, shown: string, choice: readonly object[]): Promise<PodScrape> {
  const [port, path] = shown.split(":");
  const folder = await mkdtemp(join(tmpdir(), "canary-scrape-"));
  const kubeconfig = await kubectl.run("config", "view", "--raw", "--flatten", "--minify", "-o", "json");
  const { clusters, users } = JSON.parse(kubeconfig);
  const file = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const decoded = (base64: string) => Buffer.from(base64, "base64");
  const tls_config = {
    ca_file: await file("ca.pem", decoded(clusters[0].cluster["certificate-authority-data"])),
    cert_file: await file("cert.pem", decoded(users[0].user["client-certificate-data"])),
    key_file: await file("key.pem", decoded(users[0].user["client-key-data"])),
  };
  return {
    config: {
      job_name: job,
      scheme: "https",
      tls_config,
      kubernetes_sd_configs: [{ role: "pod", kubeconfig_file: await file("kubeconfig", kubeconfig) }],
      relabel_configs: [
        ...choice,
        { source_labels: [...from("name"), "__meta_kubernetes_namespace"], separator: "/", target_label: "instance" },
        {
          source_labels: ["__meta_kubernetes_namespace", ...from("name")],
          regex: "(.+);(.+)",
          target_label: "__metrics_path__",
          replacement: `/api/v1/namespaces/$1/pods/$2:${port}/proxy/${path}`,
        },
        { target_label: "__address__", replacement: new URL(clusters[0].cluster.server).host },
      ],
    },
    forget: () => rm(folder, { recursive: true }),
  };
}
