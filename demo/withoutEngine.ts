import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { parse } from "yaml";
import { addressOf } from "../components/ingressGateway";
import { PROJECT_ROOT, configFile } from "../engine/programStack";
import { apply, type ClusterTools, diff, remove } from "../preview/apply";
import { recordProgram } from "../preview/program";
import { render, type RenderedStep } from "../preview/render";
import { ensureTool } from "../sandbox/tools";
import type { Progress } from "../sandbox/progress";
import type { Target } from "./target";
import type { Moved, Way } from "./way";

/**
 * The program is run without an engine, and what it would register is applied with kubectl and helm. There is no state:
 * nothing is ever deleted, and a diff is kubectl's.
 */
export class WithoutEngine implements Way {
  readonly description = "no engine: the program is rendered, then kubectl apply --server-side and helm upgrade --install";
  private readonly tools: ClusterTools;
  private steps: RenderedStep[] = [];

  constructor(
    private readonly target: Target,
    progress: Progress,
    private readonly write: (text: string) => void,
  ) {
    const helm = async () => (await ensureTool("helm", progress)).path;
    this.tools = { kubectl: target.kubectl, helm, variables: { KUBECONFIG: target.kubeconfig } };
  }

  async bringUp(weight: number): Promise<string> {
    this.steps = await this.renderWith(weight);
    await this.apply();
    const service = ["-n", "istio-ingress", "get", "service", "istio-ingressgateway", "-o", "json"];
    const { stdout } = await promisify(execFile)(this.target.kubectl, service, { env: { ...process.env, ...this.tools.variables } });
    const { spec, status } = JSON.parse(stdout);
    return `http://${addressOf(spec, status)}`;
  }

  async preview(weight: number): Promise<void> {
    this.steps = await this.renderWith(weight);
    this.write(await diff(this.steps, this.tools));
  }

  async move(): Promise<Moved> {
    // Charts are left alone: a weight is no matter of theirs, and helm would take its time to find that out.
    this.steps = this.steps.filter(({ manifest }) => manifest !== undefined);
    await this.apply();
    return { routedAt: performance.now(), changes: `${this.steps.length} objects applied` };
  }

  /** Takes away what `bringUp` brought. */
  async takeDown(): Promise<void> {
    await remove(await this.renderWith(0), this.tools);
  }

  goOn(): string[] {
    return ["install Pulumi and run this again: moving traffic by hand needs the engine's state"];
  }

  private async renderWith(weight: number): Promise<RenderedStep[]> {
    const dev = parse(await readFile(configFile("dev"), "utf8")) as { config: Record<string, unknown> };
    const mesh = this.target.mesh === undefined ? {} : { "canary-app:mesh": this.target.mesh };
    const { resources } = await recordProgram(PROJECT_ROOT, "dev", { ...dev.config, ...mesh, "canary-app:weight": weight });
    return render(resources);
  }

  private apply(): Promise<void> {
    return apply(this.steps, this.tools, (what) => this.write(`  ${what}\n`));
  }
}
