import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as sandbox from "../../../sandbox";
import { createProgress } from "../../../sandbox/progress";
import { ensureTool } from "../../../sandbox/tools";
import { nodeEnvironment } from "../../../sandbox/tools/nodePrograms";
import { SANDBOX } from "./cluster";

/**
 * What becomes of what the API server sends to pods' blocked port: it is dropped, as by a firewall between a managed
 * control plane and its nodes; or it is refused, as by many network policies.
 */
export type Blocking = "DROP" | "REJECT";

/**
 * Does something while the API server cannot reach a port of any pod. What a kubelet connects to in a pod's own network
 * is not blocked.
 */
export async function withBlockedPort<T>(port: number, blocking: Blocking, work: () => Promise<T>): Promise<T> {
  const { pid } = await sandbox.status({ name: SANDBOX });
  assert.ok(pid !== undefined, `the sandbox "${SANDBOX}" is not up`);
  const programs = await ensureTool("node-programs", createProgress());
  const rule = ["OUTPUT", "-p", "tcp", "--dport", String(port), "-j", blocking];
  const iptables = (what: "-I" | "-D") =>
    promisify(execFile)(
      "nsenter",
      [`--net=/proc/${pid}/ns/net`, join(programs.path, "iptables"), "-w", what, ...rule],
      { env: { ...process.env, ...nodeEnvironment(programs.dir) } },
    );
  await iptables("-I");
  try {
    return await work();
  } finally {
    await iptables("-D");
  }
}
