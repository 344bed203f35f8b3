import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useEngine } from "../../../sandbox/engine/findEngine";
import { descendants } from "../../bench/processes";
import { cluster } from "../../e2e/support/cluster";
import { demoScrape } from "../../e2e/support/meshScrape";
import { sharedMesh } from "../../e2e/support/mesh";
import { PrometheusServer } from "../../e2e/support/prometheusServer";
import { NAMESPACE } from "./app";
import type { Ground } from "./contender";

/**
 * Brings up the environment that all contenders share: cluster, mesh, engine, and a Prometheus that scrapes the app's
 * pods every second.
 */
export async function prepareGround(): Promise<Ground & { close(): Promise<void> }> {
  const engine = await useEngine();
  const { kubectl, address } = await sharedMesh(engine);
  const { kubeconfig } = await cluster();
  const scrape = await demoScrape(kubectl, NAMESPACE);
  const prometheus = await PrometheusServer.start([scrape.config]);
  const folder = await mkdtemp(join(tmpdir(), "canary-rivals-"));
  return {
    kubectl,
    kubeconfig,
    address,
    prometheus,
    engine,
    folder,
    processes: descendants(process.pid),
    close: async () => {
      await prometheus.stop();
      await Promise.all([scrape.forget(), rm(folder, { recursive: true, force: true })]);
    },
  };
}
