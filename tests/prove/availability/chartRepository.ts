import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { MESH_CHARTS } from "../../../sandbox/mesh";
import { createProgress } from "../../../sandbox/progress";
import { ensureTool } from "../../../sandbox/tools";

/** A Helm repository on this machine. */
export interface ChartRepository {
  url: string;
  close(): Promise<void>;
}

/** Serves Istio's charts from these folders, each with its own version, as Istio's repository does. */
export async function serveCharts(folders: readonly string[]): Promise<ChartRepository> {
  const helm = (await ensureTool("helm", createProgress())).path;
  const root = await mkdtemp(join(tmpdir(), "canary-charts-"));
  for (const folder of folders) {
    await promisify(execFile)(helm, [
      "package",
      ...MESH_CHARTS.map((chart) => join(folder, chart)),
      "--destination",
      root,
    ]);
  }
  await promisify(execFile)(helm, ["repo", "index", root]);
  const server = createServer((request, response) => {
    readFile(join(root, basename(request.url ?? ""))).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref(); // nobody closes it if a proof fails early
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close().closeAllConnections();
      await rm(root, { recursive: true });
    },
  };
}
