// Mocha's own reporter for people, which besides says how long each suite took, its hooks included, and adds its counts to a file,
// for the sum over several runs.
const { appendFileSync } = require("node:fs");
const { reporters } = require("mocha");

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const began = new Map();
    runner.on("suite", (suite) => began.set(suite, performance.now()));
    runner.on("suite end", (suite) => {
      const seconds = Math.round((performance.now() - began.get(suite)) / 1000);
      if (suite.parent?.root && seconds > 0) {
        console.log(`    (${seconds} s)`);
      }
    });
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      appendFileSync(process.env.TEST_COUNTS, `${passes} ${failures} ${pending}\n`);
    });
  }
};
