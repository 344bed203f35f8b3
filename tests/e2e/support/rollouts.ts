import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../../sandbox/engine/engine";
import { configFile, PROJECT_ROOT } from "../../../demo/programStack";
import type { RolloutEvent, RolloutSettings, RunOptions, StackReference } from "../../../src/rollout";
import { clusterGround, SANDBOX } from "./cluster";
import { compiled } from "./compiled";
import type { Shared } from "./ground";
import type { Kubectl } from "./kubectl";
import { openProgramInMesh, type ProgramUnderTest } from "./program";
import { forgetRuns } from "./stackFiles";
import { untilAnswered } from "./traffic";

/** A stack with a good version that has all traffic, and others, good and bad, that have none. */
export interface RolloutStage extends ProgramUnderTest {
  name: string;
  url: string;
}

const IMAGES = { good: "docker.io/library/canary-demo:1.0", better: "docker.io/library/canary-demo:2.0" };

/** What is wrong with each version, by its name. */
const VERSIONS: Record<string, { image: string; env?: Record<string, string> }> = {
  v1: { image: IMAGES.good },
  failing: { image: IMAGES.better, env: { ERROR_PERCENT: "5", VERSION: "failing" } },
  slow: { image: IMAGES.better, env: { DELAY: "300ms", VERSION: "slow" } },
  v2: { image: IMAGES.better },
};

/** The config of a stage. */
export function stageConfig(more: Record<string, unknown> = {}): Record<string, unknown> {
  const versions = Object.entries(VERSIONS).map(([name, { image, env }]) => ({
    name,
    image,
    ...(env === undefined ? {} : { pod: { env } }),
  }));
  return { versions, weight: 0, weights: { v1: 100, failing: 0, slow: 0, v2: 0 }, ...more };
}

let stage: Promise<RolloutStage> | undefined;

/**
 * The name of the stage's stack. Suites of several lanes share a stage, each lane on a sandbox of its own; the config
 * files of all of them are in one folder, and a lane that clears its ground must not take away another's.
 */
export function stageStack(sandbox: string): string {
  return `e2e-rollout-${sandbox}`;
}

const SHARED: Shared = { namespaces: ["myapp"], stack: stageStack(SANDBOX), forget: () => (stage = undefined) };

/**
 * The stage that suites of rollouts share, as it is at first: brought up by the first that asks, and brought back by
 * the others.
 */
export async function sharedStage(engine: Engine): Promise<RolloutStage> {
  if (stage === undefined) {
    stage = openStage(engine);
    return stage;
  }
  const opened = await stage;
  await resetStage(opened);
  return opened;
}

/** Brings a stage back to what it is at first, whatever its runs have left. */
export async function resetStage(opened: RolloutStage): Promise<void> {
  await forgetRuns(opened.name);
  await bringUp(opened);
}

async function openStage(engine: Engine): Promise<RolloutStage> {
  await compiled();
  const { stack: name } = SHARED;
  const program = await openProgramInMesh(engine, name);
  (await clusterGround()).share(SHARED);
  return { ...program, name, url: await bringUp(program) };
}

/** Gives the address that answers then. */
async function bringUp({ stack, configure }: ProgramUnderTest): Promise<string> {
  await configure(stageConfig());
  const { outputs } = await stack.up();
  const url = `${outputs.url.value}/api/v1/hello`;
  await untilAnswered({ url });
  return url;
}

/** The events that a stage's journal holds. */
export async function journalOf({ name }: RolloutStage): Promise<RolloutEvent[]> {
  const text = await readFile(configFile(name).replace(/\.yaml$/, ".rollout.jsonl"), "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as RolloutEvent];
    } catch {
      return [];
    }
  });
}

/** The weights that the cluster has of an app, without those that are 0. */
export async function weightsInCluster(kubectl: Kubectl, app = "myapp"): Promise<Record<string, number>> {
  const text = await kubectl.run("get", "virtualservice", "-n", app, app, "-o", "json");
  const routes = JSON.parse(text).spec.http[0].route as { destination: { subset: string }; weight?: number }[];
  const all = routes.map(
    ({ destination, weight }) => [destination.subset, weight ?? (routes.length === 1 ? 100 : 0)] as const,
  );
  return Object.fromEntries(all.filter(([, weight]) => weight > 0));
}

/** What a process that takes a run to its end is told. */
interface RolloutTask extends Pick<StackReference, "workDir" | "stack">, Pick<RunOptions, "settings" | "by"> {
  do: "start" | "resume" | "rollback";
}

/** A process that takes a run to its end, by this project as it is {@link compiled}. */
export class RolloutChild {
  private static readonly all: RolloutChild[] = [];

  /** Ends those that a failed test has left: they hold their stack. */
  static async killAll(): Promise<void> {
    await Promise.all(RolloutChild.all.splice(0).map((child) => child.kill()));
  }

  readonly events: RolloutEvent[] = [];
  stderr = "";
  readonly process: ChildProcess;
  private rest = "";
  private wake?: () => void;

  constructor(
    { name, env, folder = PROJECT_ROOT }: Pick<RolloutStage, "name" | "env"> & { folder?: string },
    what: RolloutTask["do"],
    settings: RolloutSettings,
    by = "test",
  ) {
    const task: RolloutTask = { do: what, workDir: folder, stack: name, settings, by };
    const args = [join(__dirname, "rolloutProcess.js"), JSON.stringify(task)];
    this.process = spawn(process.execPath, args, { cwd: PROJECT_ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    RolloutChild.all.push(this);
    this.process.stdout?.on("data", (text: Buffer) => this.hear(text.toString()));
    this.process.stderr?.on("data", (text: Buffer) => (this.stderr += text.toString()));
    this.process.on("exit", () => this.wake?.());
  }

  /** Waits for its end; gives how the run ended. */
  async ended(): Promise<RolloutEvent> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await once(this.process, "exit");
    }
    const end = this.events.at(-1);
    assert.ok(
      end !== undefined && ["promoted", "rolledBack", "failed"].includes(end.type),
      `the run has not ended: ${JSON.stringify(end)}; ${this.stderr}`,
    );
    return end;
  }

  /** Waits for an event. */
  async told(type: RolloutEvent["type"]): Promise<RolloutEvent> {
    for (;;) {
      const found = this.events.find((event) => event.type === type);
      if (found !== undefined) {
        return found;
      }
      assert.ok(this.process.exitCode === null, `the process ended before ${type}: ${this.stderr}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** As `kill -9` does; waits until it is gone. */
  async kill(): Promise<void> {
    const gone =
      this.process.exitCode !== null || this.process.signalCode !== null
        ? Promise.resolve()
        : once(this.process, "exit");
    this.process.kill("SIGKILL");
    await gone;
  }

  private hear(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() as string;
    this.events.push(...lines.map((line) => JSON.parse(line) as RolloutEvent));
    this.wake?.();
  }
}
