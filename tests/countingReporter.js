// Mocha's own reporter for people, which besides adds its counts to a file, for the sum over several runs.
const { appendFileSync } = require("node:fs");
const { reporters } = require("mocha");

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      appendFileSync(process.env.TEST_COUNTS, `${passes} ${failures} ${pending}\n`);
    });
  }
};
