// A process that makes a cache entry slowly; the cache's tests start it and end it in several ways.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plainProgress } from "../../../sandbox/progress";
import { runCommand } from "../../../sandbox/tools";
import { cached } from "../../../sandbox/tools/cache";

const [journal, seconds] = process.argv.slice(2);

cached({ kind: "tools", name: "slow", version: "1", inputs: ["a"] }, plainProgress(process.stderr), async (folder) => {
  appendFileSync(journal, `making ${process.pid}\n`);
  writeFileSync(join(folder, "half"), "");
  await runCommand("waiting", ["sh", "-c", `echo child $$ >> ${journal}; sleep ${seconds}`]);
  writeFileSync(join(folder, "whole"), "");
}).then(
  (folder) => process.stdout.write(`${folder}\n`),
  (error: Error) => {
    process.stderr.write(`${error.name}: ${error.message}\n`);
    process.exitCode = 1;
  },
);
