import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

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
