import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { createProgress } from "../../../sandbox/progress";
import { ensureTool } from "../../../sandbox/tools";
import { until } from "./workload";

/** A Prometheus of the test's own, as a process of this machine. */
export class PrometheusServer {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  /** Starts one with these `scrape_configs`; its figures go with it. The program is built if it has not been. */
  static async start(scrapeConfigs: readonly object[], scrapeInterval = "1s"): Promise<PrometheusServer> {
    const { path } = await ensureTool("prometheus", createProgress());
    const folder = await mkdtemp(join(tmpdir(), "canary-prometheus-"));
    const config = join(folder, "prometheus.yaml");
    await writeFile(
      config,
      stringify({
        global: { scrape_interval: scrapeInterval, scrape_timeout: scrapeInterval },
        scrape_configs: scrapeConfigs,
      }),
      { mode: 0o600 },
    );
    const address = `127.0.0.1:${await freePort()}`;
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      "--log.level=warn",
    ];
    const child = spawn(path, flags, { stdio: ["ignore", "inherit", "inherit"] });
    const server = new PrometheusServer(`http://${address}`, folder, child);
    await until("Prometheus is ready", async () => {
      if (child.exitCode !== null) {
        throw new Error(`Prometheus ended with ${child.exitCode}`);
      }
      return fetch(`${server.url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
    return server;
  }

  /** Ends it, and removes what it kept. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    if (this.process.exitCode === null && this.process.kill("SIGKILL")) {
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
