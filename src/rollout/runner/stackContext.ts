import { type Project, readProject } from "../../config/project";
import { PulumiCli } from "../../config/pulumiCli";
import { type AppReference, StackClusters } from "../../config/stackClusters";
import type { StackConfig } from "../../config/stackConfig";
import { readStackExport, type StackExport } from "../../config/stackExport";
import { type PulumisReading, pulumisReading, readWholeConfig } from "../../config/wholeConfig";
import type { ClusterReference } from "../../internal/kubernetes/api";
import { type EngineArgs, StackEngine } from "../pulumi/engine";
import { warmProgramOf } from "../pulumi/warmProgram";
import { Journal } from "./journal";
import { StackLock } from "./stackLock";

/** Which stack is meant, by where it is. */
export interface StackReference {
  /** The project's folder: that of its Pulumi.yaml, or one below it. */
  workDir: string;
  /** The stack's name, as Pulumi knows it. */
  stack: string;
  /**
   * The environment of Pulumi and of the program: the backend, the kubeconfig, the passphrase.
   * @default this process's
   */
  env?: NodeJS.ProcessEnv;
  /** The folder in whose `bin` Pulumi's CLI is. @default as PATH says */
  pulumiRoot?: string;
}

/** Which stack is meant: by where it is, or as one that is open already, so that nothing of it is read twice. */
export type StackSelection = StackReference | { context: StackContext };

/**
 * A stack with its project, its config, and where its runs are written down. It is opened once for one call of the
 * command, and handed to everything in it, so that all of it speaks of the same project and the same config.
 */
export class StackContext {
  readonly cli: PulumiCli;
  readonly lock: StackLock;
  private readonly beside: string;
  private configRead?: Promise<StackConfig>;
  private exported?: Promise<StackExport>;

  constructor(
    readonly project: Project,
    readonly stack: string,
    readonly env: NodeJS.ProcessEnv,
    private readonly pulumiRoot?: string,
  ) {
    this.cli = new PulumiCli(project.folder, stack, env, pulumiRoot);
    this.beside = project.configFile(stack).replace(/\.(yaml|yml|json)$/, "");
    this.lock = new StackLock(`${this.beside}.rollout.lock`, stack);
  }

  /**
   * The stack's config as it was when it was first asked for. What only needs the journal does not read it: a run can be
   * aborted while somebody is in the middle of editing the file.
   *
   * @throws ConfigFileError that names the file and what is wrong with it
   * @throws ConfigElsewhereError if the file does not have it, or not alone
   */
  config(): Promise<StackConfig> {
    return (this.configRead ??= this.readConfig());
  }

  /** The stack's config as its file has it now. @throws ConfigFileError @throws ConfigElsewhereError */
  readConfig(): Promise<StackConfig> {
    return readWholeConfig(this.project, this.stack, this.cli);
  }

  /**
   * What Pulumi reads now under the keys of an app, and of others.
   *
   * @param prefix What comes before the `:` of the keys. @default the project's name
   * @param others The same of the others. @default none
   */
  pulumisReading(prefix: string = this.project.name, others: readonly string[] = []): Promise<PulumisReading> {
    return pulumisReading(this.cli, [prefix, ...others]);
  }

  /** The stack's state as its backend has it now. @throws Error if Pulumi cannot read it */
  exportState(): Promise<StackExport> {
    const read = readStackExport(this.cli);
    this.exported = read;
    read.catch(() => (this.exported = this.exported === read ? undefined : this.exported));
    return read;
  }

  /** The stack's state as it was read last; it is read if it was not yet. @throws Error if Pulumi cannot read it */
  lastState(): Promise<StackExport> {
    return this.exported ?? this.exportState();
  }

  /**
   * The cluster of an app of the stack, by the state that was read last.
   *
   * @throws Error that says why it is not known, and what to do
   */
  async clusterOf(app: AppReference): Promise<ClusterReference> {
    const { env, cli, project } = this;
    const sources = { config: await this.config(), env, cli, folder: project.folder };
    return new StackClusters(sources, () => this.lastState()).ofApp(app);
  }

  /** The stack's journal, from its first event: whoever reads it has a position of his own in it. */
  openJournal(): Journal {
    return Journal.at(`${this.beside}.rollout.jsonl`);
  }

  /** An engine for the stack, warm where the program allows it. */
  makeEngine(notice?: EngineArgs["notice"]): StackEngine {
    const {
      project: { folder, program },
      stack,
      env,
      pulumiRoot,
    } = this;
    return new StackEngine({ folder, stack, program: warmProgramOf(folder, program), env, pulumiRoot, notice });
  }
}

/** Reads the stack's project; nothing is made. @throws Error if there is no Pulumi project */
export async function openStackContext({
  workDir,
  stack,
  env = process.env,
  pulumiRoot,
}: StackReference): Promise<StackContext> {
  return new StackContext(await readProject(workDir), stack, env, pulumiRoot);
}

/** The stack that is meant, opened if it is not open yet. */
export async function contextOf(selection: StackSelection): Promise<StackContext> {
  return "context" in selection ? selection.context : openStackContext(selection);
}
