import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "./components";
import { APP_ARGUMENTS, checkCanaryApp } from "./components/checkCanaryApp";
import { appArguments } from "./src/config/appConfig";
import { Findings } from "./src/validation/problem";
import { versionNames } from "./src/workload/version";

/** What a stack's config says: the arguments of the CanaryApp, each under its own name. */
export interface Settings extends CanaryAppArgs {
  /** The app's name. */
  appName: string;
}

/** The keys of the config; Pulumi.yaml describes them. All but `rollout` are the argument of that name. */
const KEYS = [...APP_ARGUMENTS, "rollout"];

/**
 * Reads and checks a stack's config.
 *
 * @throws ValidationError that names every key that is wrong, before anything is registered.
 */
export function readSettings(config: pulumi.Config): Settings {
  const texts = Object.fromEntries(KEYS.map((key) => [key, config.get(key)]));
  const { rollout, ...settings } = appArguments({ ...texts, appName: texts.appName ?? "" }) as unknown as Settings & {
    rollout?: unknown;
  };
  const findings = Findings.at(`${config.name}:`);
  checkKeys(config.name, findings);
  checkCanaryApp(settings.appName, settings, findings);
  if (rollout !== undefined) {
    // Loaded only where there is something to check: gates and sources take longer to load than this whole program.
    const { checkRollout } =
      require("./src/rollout/plan/checkRollout") as typeof import("./src/rollout/plan/checkRollout");
    const { checkProtocol, checkSourcePort } =
      require("./src/rollout/plan/checkProtocol") as typeof import("./src/rollout/plan/checkProtocol");
    const own = findings.field("rollout");
    checkRollout(rollout, own, versionNames(settings.versions));
    const { gates, source } = (rollout ?? {}) as { gates?: unknown; source?: unknown };
    checkProtocol(gates, settings.service, own.field("gates"));
    checkSourcePort(source, settings.service, own.field("source"));
  }
  findings.throwIfAny(`The config of stack "${pulumi.getStack()}"`);
  return settings;
}

/** Records the keys of this project that the program does not read: a misspelt one would be passed over in silence. */
function checkKeys(project: string, findings: Findings): void {
  const keys = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(`${project}:`));
  for (const key of keys.map((each) => each.slice(project.length + 1)).filter((each) => !KEYS.includes(each))) {
    findings.field(key).add("is an unknown config key", `expected one of ${KEYS.join(", ")}`);
  }
}
