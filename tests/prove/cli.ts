import { Command } from "commander";
import type { Proof } from "./proof";
import { PROOFS } from "./proofs";
import { writeReport } from "./report/report";
import { SANDBOX_OF_PROOFS } from "./sandboxName";

// What a proof needs is loaded when it runs, because it reads the sandbox's name from here.
process.env.E2E_SANDBOX ||= SANDBOX_OF_PROOFS;

const program = new Command("npm run prove --").description(
  "Proves what the documents promise, on a real cluster; without a subcommand, all of it.",
);
program.action(() => prove(PROOFS));
for (const proof of PROOFS) {
  const command = program.command(proof.name).description(proof.what);
  proof.declare?.(command);
  command.action((options: Record<string, unknown>) => prove([proof], options));
}
program
  .command("report")
  .description("makes the documents' tables from the results that are kept")
  .action(() => writeReport(PROOFS));

/** Runs proofs one after the other, each to its end; a failure does not keep the others from running. */
async function prove(proofs: readonly Proof[], given?: Record<string, unknown>): Promise<void> {
  for (const proof of proofs) {
    process.stdout.write(`\n=== ${proof.name}: ${proof.what}\n`);
    if (!(await proof.run(given ?? defaultsOf(proof)))) {
      process.exitCode = 1;
    }
  }
}

function defaultsOf(proof: Proof): Record<string, unknown> {
  const command = new Command();
  proof.declare?.(command);
  return command.opts();
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
