import { parseArgs } from "node:util";
import { told } from "../run/counts";
import { failureList } from "../run/failures";
import { plainly } from "../run/output";
import { runWithSdks } from "./runWithSdks";
import { type SdkSet, sdkSets } from "./sdkSet";

const NAMES = sdkSets()
  .map(({ name }) => name)
  .join(" or ");

const USAGE = `Usage: npm run test:sdks -- [--no-e2e] [--only NAME]

Runs the type check, the unit tests and one end-to-end suite with the lowest SDKs that package.json allows, and with
the newest that are known to work, on the newest Node. They are installed into a cache, apart from the repository.

  --no-e2e     without the end-to-end suite
  --only NAME  one of them: ${NAMES}
`;

/** Runs everything, names the failures again, and ends with the sum: `N passed, N failed, N skipped`. */
async function main(args: string[]): Promise<number> {
  const options = optionsOf(args);
  if (typeof options === "string") {
    process.stderr.write(options);
    return 2;
  }
  process.on("SIGINT", () => undefined); // the suites get it, too; the copies are removed after them
  const { counts, failures } = await runWithSdks(options.sets, options.hasE2e);
  plainly(`\n${failureList([{ lane: "other SDKs", failed: counts.failed, failures }])}${told(counts)}\n`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

/** The usage text if the call is wrong, preceded by what is wrong. */
function optionsOf(args: string[]): { sets: SdkSet[]; hasE2e: boolean } | string {
  try {
    const { values } = parseArgs({ args, options: { "no-e2e": { type: "boolean" }, only: { type: "string" } } });
    const sets = sdkSets().filter(({ name }) => values.only === undefined || name === values.only);
    return sets.length === 0
      ? `--only is ${values.only}; it can be ${NAMES}\n\n${USAGE}`
      : { sets, hasE2e: !values["no-e2e"] };
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`;
  }
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
