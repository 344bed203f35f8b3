// Mocha's own reporter for people, which besides tells the run's own process, by a file of JSON lines, what became of
// each suite at the top and how long it took, its hooks included, what failed, and that the run has come to its end.
const { appendFileSync } = require("node:fs");
const { reporters } = require("mocha");

module.exports = class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.TEST_RESULTS;
    const tell = (what) => file && appendFileSync(file, `${JSON.stringify(what)}\n`);
    const counts = () => ({ passed: this.stats.passes, failed: this.stats.failures, skipped: this.stats.pending });
    let began;
    let before;
    runner.on("suite", (suite) => {
      if (suite.parent?.root) {
        [began, before] = [performance.now(), counts()];
      }
    });
    runner.on("suite end", (suite) => {
      if (suite.parent?.root) {
        const now = counts();
        const own = Object.fromEntries(Object.keys(now).map((key) => [key, now[key] - before[key]]));
        tell({ suite: suite.title, seconds: (performance.now() - began) / 1000, ...own });
      }
    });
    runner.on("fail", (test, error) =>
      tell({ test: test.fullTitle(), message: String(error?.message ?? error), place: placeOf(error) }),
    );
    runner.once("end", () => tell({ end: counts() }));
  }
};

/** Where in the tests an error was thrown; `undefined` where its stack does not say. */
function placeOf(error) {
  return /[(/\\](tests\/[\w./-]+:\d+:\d+)/.exec(error?.stack ?? "")?.[1];
}
