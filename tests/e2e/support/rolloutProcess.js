// A process that takes one run to its end by the compiled library, prints its events, and lets itself be ended by
// signals: one that tests can kill. What it is told, a RolloutTask, is its only argument, in JSON.
const { resumeRollout, rollback, startRollout } = require("canary-app/rollout");

const DEEDS = { start: startRollout, resume: resumeRollout, rollback };

async function main({ do: what, ...options }) {
  const listener = (event) => void process.stdout.write(`${JSON.stringify(event)}\n`);
  const rollout = await DEEDS[what]({ ...options, listener });
  process.on("SIGINT", () => rollout.abort("person", "SIGINT"));
  process.on("SIGTERM", () => rollout.abort("terminated", "SIGTERM"));
  await rollout.result;
}

main(JSON.parse(process.argv[2])).catch((error) => {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exitCode = 1;
});
