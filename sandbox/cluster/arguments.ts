import { parseArgs } from "node:util";
import { IMAGE_NAMES, isImageName, type ImageName } from "../images";
import { checkName } from "./addresses";
import { DEFAULT_NAME } from "./options";

/** What the command is asked to do. */
export interface Call {
  readonly command: "up" | "down" | "status" | "env" | "image" | "help";
  readonly name: string;
  readonly mesh: boolean;
  readonly wipe: boolean;
  readonly json: boolean;
  /** Of "image": which one. */
  readonly image?: ImageName;
}

/** The command was called incorrectly; the message explains how. */
export class UsageError extends Error {}

/** The commands that the help lists. */
export const HELP = `A real Kubernetes of one node on this machine, with Istio's images, out of package registries alone.

  up      brings it up (the first time it builds what it needs, which takes minutes)
            --no-mesh      without the images of Istio and of the demo, and without Istio's charts
  down    takes it down; nothing of it stays on the machine
            --keep-state   keeps the cluster's data for the next \`up\`
  status  says how it is doing: exit code 0 if it is up, 1 if not
            --json         for programs
  env     prints its environment for a shell: KUBECONFIG, PATH, SANDBOX_ADDRESS, ISTIO_CHARTS, ISTIO_VALUES, …
            --json         for programs
  image   makes an image and prints the path of its archive, for loading it into another cluster: ${IMAGE_NAMES.join(", ")}
  help    prints this

  --name NAME   which sandbox, if there is more than one (default: ${DEFAULT_NAME}); at most 10 letters, digits and '-'

A session, as root:

  npx tsx sandbox/cli.ts up
  eval "$(npx tsx sandbox/cli.ts env)"
  kubectl get pods -A
  helm install istio-base "$ISTIO_CHARTS/base" -n istio-system --create-namespace -f "$ISTIO_VALUES/base.yaml"
  npx tsx sandbox/cli.ts down

Exit codes: 0 it worked, 1 it failed, 2 called wrongly, 3 a sandbox cannot run on this machine.
Where it cannot run, any cluster of your own does: KUBECONFIG=… npm run demo -- --context NAME`;

/** The options of each command, besides --name. */
const OPTIONS: Readonly<Record<Call["command"], readonly string[]>> = {
  up: ["no-mesh"],
  down: ["keep-state"],
  status: ["json"],
  env: ["json"],
  image: [],
  help: [],
};

/**
 * Parses the command's arguments. No arguments, and --help, ask for help.
 * @throws UsageError naming what is wrong and what is allowed
 */
export function parseCall(args: readonly string[]): Call {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: "string", default: DEFAULT_NAME },
        "no-mesh": { type: "boolean" },
        "keep-state": { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { values, positionals } = parsed;
  const [command = "help", ...more] = values.help ? ["help"] : positionals;
  if (!isCommand(command))
    throw new UsageError(`There is no command "${command}"; there are ${Object.keys(OPTIONS).join(", ")}.`);
  const image = command === "image" ? more.shift() : undefined;
  if (command === "image" && !isImageName(image))
    throw new UsageError(`"image" takes the name of one: ${IMAGE_NAMES.join(", ")}.`);
  if (more.length > 0)
    throw new UsageError(
      `"${command}" takes no ${command === "image" ? "second " : ""}argument; there is ${JSON.stringify(more.join(" "))} too much.`,
    );
  for (const option of ["no-mesh", "keep-state", "json"] as const) {
    if (values[option] && command !== "help" && !OPTIONS[command].includes(option)) {
      const owners = Object.entries(OPTIONS).filter(([, own]) => own.includes(option));
      throw new UsageError(
        `--${option} is no option of "${command}", but of ${owners.map(([owner]) => `"${owner}"`).join(" and ")}.`,
      );
    }
  }
  let name: string;
  try {
    name = checkName(values.name);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  return {
    command,
    name,
    mesh: !values["no-mesh"],
    wipe: !values["keep-state"],
    json: values.json === true,
    ...(isImageName(image) ? { image } : {}),
  };
}

function isCommand(word: string): word is Call["command"] {
  return Object.hasOwn(OPTIONS, word);
}
