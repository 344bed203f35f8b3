import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../src/cli/run";
import type { Terminal } from "../../../src/cli/terminal";

/** A terminal that keeps what is written, and answers as it is told. */
export class FakeTerminal implements Terminal {
  written = "";
  errors = "";
  readonly asked: string[] = [];
  colours = false;

  constructor(
    readonly isInteractive = false,
    private readonly answers: string[] = [],
  ) {}

  width(): number {
    return 100;
  }

  out(text: string): void {
    this.written += text;
  }

  err(line: string): void {
    this.errors += `${line}\n`;
  }

  async ask(question: string): Promise<string | undefined> {
    this.asked.push(question);
    return this.answers.shift();
  }
}

/** A project with one stack, `dev`, of two versions; its folder is gone afterwards. */
export async function inProject<T>(
  work: (folder: string) => Promise<T>,
  config: Record<string, unknown> = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "canary-cli-"));
  try {
    await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    const values = {
      "shop:appName": "shop",
      "shop:versions": [
        { name: "v1", image: "shop:1" },
        { name: "v2", image: "shop:2" },
      ],
      "shop:weights": { v1: 100, v2: 0 },
      ...config,
    };
    await writeFile(join(folder, "Pulumi.dev.yaml"), JSON.stringify({ config: values }));
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Calls the command in this process. */
export async function call(terminal: FakeTerminal, folder: string, ...args: string[]): Promise<number> {
  return run([...args, "--cwd", folder, "--stack", "dev"], terminal, { PATH: process.env.PATH });
}
