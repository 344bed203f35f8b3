import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import type { Engine } from "../sandbox/engine/engine";

/** The project's folder at this repository's root, with its Pulumi.yaml and its program. */
export const PROJECT_ROOT = resolve(__dirname, "..");

/** Where a stack keeps its state, and which cluster it uses. */
export interface StackPlace {
  /** The stack's name; its config is `Pulumi.<name>.yaml` in the project's folder. */
  name: string;
  /** The folder of the stack's project. @default {@link PROJECT_ROOT} */
  folder?: string;
  /** The folder of its state: a backend of its own, so that no account is needed and no other stack is affected. */
  stateFolder: string;
  /** The kubeconfig file of its cluster, or a list of files like KUBECONFIG. */
  kubeconfig: string;
  /** Config in addition to the dev stack's; structured values as data. */
  config?: Record<string, unknown>;
}

/** The environment variables with which `pulumi` in a shell uses the stack. */
export function stackVariables({ name, stateFolder, kubeconfig }: StackPlace): Record<string, string> {
  return {
    KUBECONFIG: kubeconfig,
    PULUMI_BACKEND_URL: `file://${stateFolder}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_STACK: name,
  };
}

/**
 * Opens a stack of a project's program, which is created if it does not exist, with the dev stack's config and `config`
 * on top. An existing config file of the stack is replaced, except for the key that encrypts its secrets.
 */
export async function openProgramStack(place: StackPlace, engine: Engine): Promise<Stack> {
  await mkdir(place.stateFolder, { recursive: true });
  await writeStackConfig(place);
  const workspace = await LocalWorkspace.create({
    workDir: place.folder ?? PROJECT_ROOT,
    pulumiCommand: engine.command,
    envVars: stackVariables(place),
  });
  return Stack.createOrSelect(place.name, workspace);
}

interface StackFile {
  encryptionsalt?: string;
  config?: Record<string, unknown>;
}

/** Writes a stack's config file: the dev stack's config with the stack's own on top. */
export async function writeStackConfig({
  name,
  folder,
  config = {},
}: Pick<StackPlace, "name" | "folder" | "config">): Promise<void> {
  const file = configFile(name, folder);
  const dev = parse(await readFile(configFile("dev", folder), "utf8")) as StackFile;
  const { encryptionsalt } = (await readFile(file, "utf8").then(parse, () => ({}))) as StackFile;
  const project = parse(await readFile(join(folder ?? PROJECT_ROOT, "Pulumi.yaml"), "utf8")) as { name: string };
  const added = Object.fromEntries(Object.entries(config).map(([key, value]) => [`${project.name}:${key}`, value]));
  const whole: StackFile = {
    ...(encryptionsalt === undefined ? {} : { encryptionsalt }),
    config: { ...dev.config, ...added },
  };
  await writeFile(file, `# Made from Pulumi.dev.yaml for this machine; not kept in git.\n${stringify(whole)}`);
}

/** The file that holds a stack's config. */
export function configFile(stack: string, folder: string = PROJECT_ROOT): string {
  return join(folder, `Pulumi.${stack}.yaml`);
}
