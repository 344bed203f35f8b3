import { resumeRollout, rollback, type RolloutOptions, startRollout } from "../../../rollout";

/** What such a process is told, as its only argument in JSON. */
export interface RolloutTask extends Pick<RolloutOptions, "workDir" | "stack" | "settings" | "by"> {
  do: "start" | "resume" | "rollback";
}

const DEEDS = { start: startRollout, resume: resumeRollout, rollback };

/** Leads one run, prints its events, and lets itself be ended by signals: a process that tests can kill. */
async function main({ do: what, ...options }: RolloutTask): Promise<void> {
  const rollout = await DEEDS[what]({ ...options, listener: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`) });
  process.on("SIGINT", () => rollout.abort("person", "SIGINT"));
  process.on("SIGTERM", () => rollout.abort("terminated", "SIGTERM"));
  await rollout.result;
}

main(JSON.parse(process.argv[2]) as RolloutTask).catch((error: Error) => {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exitCode = 1;
});
