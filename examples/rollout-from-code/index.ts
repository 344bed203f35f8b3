import { pipeline } from "./pipeline";

const [workDir = ".", stack = "dev"] = process.argv.slice(2);

void pipeline({ workDir, stack, reports: "reports" }).then(
  (outcome) => {
    process.exitCode = outcome === "promoted" ? 0 : 1;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  },
);
