import { execFile } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** How long definitions may take until the API server serves their kinds, in ms. */
const ESTABLISHED_MS = 60_000;

/** kubectl on one cluster. */
export class Kubectl {
  constructor(
    private readonly program: string,
    private readonly kubeconfig: string,
  ) {}

  /** Runs it; gives what it printed. Throws with what it said on stderr. */
  async run(...args: string[]): Promise<string> {
    const { stdout } = await run(this.program, args, {
      env: { ...process.env, KUBECONFIG: this.kubeconfig },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  }

  /** Runs it with a text as its input; gives what it printed. Throws with what it said on stderr. */
  async send(input: string, ...args: string[]): Promise<string> {
    const running = run(this.program, args, {
      env: { ...process.env, KUBECONFIG: this.kubeconfig },
      maxBuffer: 64 * 1024 * 1024,
    });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  /** Makes an object, or changes it to what is given. */
  async apply(object: object): Promise<void> {
    await this.send(JSON.stringify(object), "apply", "--filename", "-");
  }

  /**
   * Waits until the API server serves every kind that is defined. Not by `kubectl wait`, which fails at a definition so
   * new that its status has no conditions yet.
   */
  async untilEstablished(): Promise<void> {
    const condition = '{.status.conditions[?(@.type=="Established")].status}';
    const path = `jsonpath={range .items[*]}{.metadata.name}=${condition}{"\\n"}{end}`;
    for (const end = performance.now() + ESTABLISHED_MS; ; await setTimeout(250)) {
      const lines = (await this.run("get", "customresourcedefinitions", "-o", path)).trim().split("\n");
      const missing = lines.filter((line) => line !== "" && !line.endsWith("=True"));
      if (missing.length === 0) {
        return;
      }
      if (performance.now() > end) {
        throw new Error(`not established within ${ESTABLISHED_MS / 1000} s: ${missing.join(" ")}`);
      }
    }
  }

  /** The names of all objects of a kind, in all namespaces, sorted. */
  async names(kind: string): Promise<string[]> {
    const text = await this.run(
      "get",
      kind,
      "--all-namespaces",
      "-o",
      "jsonpath={range .items[*]}{.metadata.name}{'\\n'}{end}",
    );
    return text
      .split("\n")
      .filter((name) => name !== "")
      .sort();
  }
}
