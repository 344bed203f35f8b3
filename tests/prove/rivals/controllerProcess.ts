import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createProgress } from "../../../sandbox/progress";
import { ensureTool, type ToolName } from "../../../sandbox/tools";
import type { Ground } from "./contender";

/** Another tool's controller as a process of this machine, with its custom resource definitions. */
export class ControllerProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** Applies its definitions to the cluster, and starts it. */
  static async start(
    name: ToolName,
    { kubectl, kubeconfig, folder }: Ground,
    args: readonly string[],
  ): Promise<ControllerProcess> {
    const { dir, path } = await ensureTool(name, createProgress());
    for (const file of await readdir(join(dir, "crds"))) {
      await kubectl.run("apply", "--server-side", "-f", join(dir, "crds", file));
    }
    await kubectl.untilEstablished();
    const child = spawn(path, args, {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log = createWriteStream(join(folder, `${name}.log`));
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    return new ControllerProcess(child);
  }

  /** Its id. */
  get pid(): number {
    return this.child.pid as number;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill();
      await once(this.child, "exit");
    }
  }
}
