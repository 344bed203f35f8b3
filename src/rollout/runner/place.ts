import { userInfo, hostname } from "node:os";
import { type Project, readProject } from "../../config/project";
import { PulumiCli } from "../../config/pulumiCli";
import { type EngineArgs, StackEngine } from "../pulumi/engine";
import { warmProgramOf } from "../pulumi/warmProgram";
import { Claim } from "./claim";
import { Journal } from "./journal";
import type { StackReference } from "./options";

/** Where the runs of one stack are written down. */
export interface Place {
  project: Project;
  stack: string;
  env: NodeJS.ProcessEnv;
  cli: PulumiCli;
  journal: Journal;
  claim: Claim;
}

/** Finds it; nothing is made. @throws Error if there is no Pulumi project */
export async function placeOf({ workDir, stack, env = process.env, pulumiRoot }: StackReference): Promise<Place> {
  const project = await readProject(workDir);
  const beside = project.configFile(stack).replace(/\.(yaml|yml|json)$/, "");
  return {
    project,
    stack,
    env,
    cli: new PulumiCli(project.folder, stack, env, pulumiRoot),
    journal: Journal.at(`${beside}.rollout.jsonl`),
    claim: new Claim(`${beside}.rollout.claim`, stack),
  };
}

/** Who is at this terminal. */
export function thisPerson(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** The engine for a stack, warm where the program allows it. */
export function engineOf(
  { project: { folder, program }, stack, env }: Place,
  pulumiRoot?: string,
  notice?: EngineArgs["notice"],
): StackEngine {
  return new StackEngine({ folder, stack, program: warmProgramOf(folder, program), env, pulumiRoot, notice });
}
