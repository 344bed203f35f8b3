import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createProgress } from "../../../../sandbox/progress";
import { ensureTool } from "../../../../sandbox/tools";
import {
  APP,
  deployment,
  destinationRule,
  GATEWAY,
  NAMESPACE,
  NAMESPACE_OBJECT,
  SERVICE,
  virtualService,
} from "../app";
import type { Contender, Ground } from "../contender";
import { type Shares, Weighted } from "./weighted";

/** A chart with the same objects. */
export const helm: Contender = {
  name: "helm",
  title: "`helm upgrade` 3.22.0",
  setup: "a chart of the same objects, whose values are versions and weights; each step is a `helm upgrade --wait`",
  review: "the diff of the values; the diff of the objects only with a plugin",
  asked: "each step is a command",
  aftermath: 10,
  open: async (ground) => {
    const { path } = await ensureTool("helm", createProgress());
    return new HelmApp(ground, path).open();
  },
};

const CHART = {
  "Chart.yaml": `apiVersion: v2\nname: ${APP}\nversion: 1.0.0\n`,
  "templates/objects.yaml": "{{- range .Values.objects }}\n---\n{{ toYaml . }}\n{{- end }}\n",
};

class HelmApp extends Weighted {
  constructor(
    private readonly ground: Ground,
    private readonly helm: string,
  ) {
    super();
  }

  protected async apply(shares: Shares, before: Shares | undefined): Promise<void> {
    const versions = Object.keys(shares);
    const objects = [
      SERVICE,
      GATEWAY,
      ...versions.map(deployment),
      destinationRule(Object.fromEntries(versions.map((version) => [version, { version }]))),
      virtualService(shares),
    ];
    const chart = join(this.ground.folder, "chart");
    const files = { ...CHART, "values.yaml": JSON.stringify({ objects }) };
    await mkdir(join(chart, "templates"), { recursive: true });
    await Promise.all(Object.entries(files).map(([file, text]) => writeFile(join(chart, file), text)));
    if (before === undefined) {
      await this.ground.kubectl.apply(NAMESPACE_OBJECT);
    }
    await this.run("upgrade", "--install", APP, chart, "--namespace", NAMESPACE, "--wait");
  }

  async close(): Promise<void> {
    await this.run("uninstall", APP, "--namespace", NAMESPACE);
    await this.ground.kubectl.run("delete", "namespace", NAMESPACE);
  }

  private async run(...args: string[]): Promise<void> {
    await promisify(execFile)(this.helm, args, { env: { ...process.env, KUBECONFIG: this.ground.kubeconfig } });
  }
}
