import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "../../../src/render/steps";
import { createProgress } from "../../../sandbox/progress";
import { ensureTool, toolFolder } from "../../../sandbox/tools";

/** What an oracle has against an object. */
export interface Objection {
  /** The object, as `Kind namespace/name`, as far as the oracle says it. */
  object: string;
  /**
   * What is wrong; `istioctl analyze` puts the code of its message before it, and "warning: " stands before what
   * `istioctl validate` only warns of.
   */
  text: string;
}

/** Istio's own tool, as an oracle about objects. */
export class Istioctl {
  private constructor(private readonly program: string) {}

  /** The tool, built first if it is not in the cache. */
  static async ready(): Promise<Istioctl> {
    return new Istioctl((await ensureTool("istioctl", createProgress())).path);
  }

  /** The tool, if it is in the cache; nothing is built. */
  static cached(): Istioctl | undefined {
    try {
      const program = join(toolFolder("istioctl"), "istioctl");
      return existsSync(program) ? new Istioctl(program) : undefined;
    } catch {
      return undefined; // a platform on which there is no sandbox
    }
  }

  /**
   * What `istioctl validate` has against the objects, warnings included; the webhook of Istio's control plane says the
   * same.
   */
  async validate(objects: readonly Manifest[]): Promise<Objection[]> {
    const { text } = await this.run(objects, (file) => ["validate", "-f", file]);
    let level = "";
    const told = text.split("\n").flatMap((line) => {
      level = / has warnings: /.test(line) ? "warning: " : /^Error: /.test(line) ? "" : level;
      const [, kind, name, what] = /^\s*\* (\w+)\/([^/]*\/[^:]*): (.*)$/.exec(line) ?? [];
      return kind === undefined ? [] : [{ object: `${kind} ${name}`, text: `${level}${what}` }];
    });
    if (told.length === 0 && !/ is valid$/m.test(text)) {
      throw new Error(`istioctl validate says neither that all is valid nor what is wrong: ${text}`);
    }
    return told;
  }

  /**
   * What `istioctl analyze` has against the objects, and how they refer to each other. Without a cluster, what needs
   * its Services and pods is left out. It is asked for all namespaces: otherwise it keeps silent about every one but
   * `default`.
   */
  async analyze(objects: readonly Manifest[]): Promise<Objection[]> {
    return messages((await this.run(objects, (file) => ["analyze", "--use-kube=false", ...ALL, file])).stdout);
  }

  /** What `istioctl analyze` has against a cluster as it is, with more objects as if they were there. */
  async analyzeCluster(kubeconfig: string, more: readonly Manifest[] = []): Promise<Objection[]> {
    return messages(
      (
        await this.run(more, (file) => [
          "analyze",
          `--kubeconfig=${kubeconfig}`,
          ...ALL,
          ...(more.length > 0 ? [file] : []),
        ])
      ).stdout,
    );
  }

  private async run(
    objects: readonly Manifest[],
    args: (file: string) => string[],
  ): Promise<{ stdout: string; text: string }> {
    const folder = await mkdtemp(join(tmpdir(), "canary-istioctl-"));
    try {
      const file = join(folder, "objects.yaml");
      // As JSON, which is YAML too: a text such as "on" is a text then, whatever the version of YAML. Not a List, which
      // it passes over.
      await writeFile(file, objects.map((object) => JSON.stringify(object)).join("\n---\n"));
      return await new Promise((resolve, reject) => {
        execFile(this.program, args(file), { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
          error !== null && typeof error.code !== "number"
            ? reject(error)
            : resolve({ stdout, text: `${stdout}${stderr}` }),
        );
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

const ALL = ["--all-namespaces", "-o", "json"];

/** The messages in what `istioctl analyze` prints as JSON; fails if that is none, or objects were not understood. */
function messages(stdout: string): Objection[] {
  const said = JSON.parse(stdout) as { code: string; message: string; origin?: string }[];
  return said.map(({ code, message, origin = "" }) => ({ object: origin, text: `${code} ${message}` }));
}
