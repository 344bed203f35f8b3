import assert from "node:assert/strict";
import {
  createProgress,
  formatDuration,
  plainProgress,
  silentProgress,
  terminalProgress,
} from "../../../sandbox/progress";

class Screen {
  written = "";
  time = 0;
  constructor(
    readonly isTTY = false,
    readonly columns = 80,
  ) {}
  write(text: string): void {
    this.written += text;
  }
  readonly now = (): number => this.time;
  lines(): string[] {
    return this.written.split("\n").slice(0, -1);
  }
  /** What a person sees on a terminal's last line. */
  current(): string {
    return this.written.slice(this.written.lastIndexOf("\r\x1b[2K")).replace("\r\x1b[2K", "");
  }
}

describe("progress", () => {
  it("is plain lines without a terminal: at the begin, at the end, and every ten seconds", () => {
    const screen = new Screen();
    const step = plainProgress(screen, screen.now).step("building kube");
    for (screen.time = 0; screen.time <= 25_000; screen.time += 1_000)
      step.update(screen.time / 1_000, 100, `package ${screen.time / 1_000}`);
    step.done("100 packages");
    assert.deepEqual(screen.lines(), [
      "building kube …",
      "building kube: 10%, about 1 min 30 s left, package 10",
      "building kube: 20%, about 1 min 20 s left, package 20",
      "building kube: done (100 packages, 26 s)",
    ]);
    assert.doesNotMatch(screen.written, /[\r\x1b]/);
  });

  it("is one line on a terminal, redrawn in place and cut to its width", () => {
    const screen = new Screen(true, 40);
    const step = terminalProgress(screen, screen.now).step("building kube");
    screen.time = 10_000;
    step.update(1, 4, "a package with a very long name indeed");
    assert.equal(screen.lines().length, 0);
    assert.equal(screen.current().length, 39);
    assert.match(screen.current(), /^… {2}building kube {2}25% {2}about 30 s/);
    step.done();
    assert.deepEqual(screen.current(), "✓ building kube (10 s)\n");
  });

  it("does not redraw a terminal more often than a person can see", () => {
    const screen = new Screen(true);
    const step = terminalProgress(screen, screen.now).step("x");
    const before = screen.written.length;
    for (let i = 0; i < 100; i++) step.update(i, 100);
    assert.equal(screen.written.length, before);
    screen.time = 100;
    step.update(50, 100);
    assert.match(screen.current(), /50%/);
    step.done();
  });

  it("keeps a line of its own above the open step", () => {
    const screen = new Screen(true);
    const progress = terminalProgress(screen, screen.now);
    const step = progress.step("x");
    progress.line("by the way");
    assert.deepEqual(
      screen.lines().map((line) => line.split("\x1b[2K").pop()),
      ["by the way"],
    );
    assert.match(screen.current(), /^… {2}x/);
    step.failed();
    assert.equal(screen.current(), "✗ x failed (0.0 s)\n");
  });

  it("gives no time left before there is a pace, and no share without a total", () => {
    const screen = new Screen(true);
    const step = terminalProgress(screen, screen.now).step("x");
    screen.time = 1_000;
    step.update(1, 2);
    assert.equal(screen.current(), "…  x  50%  1.0 s so far");
    screen.time = 5_000;
    step.update(0, 0, "linking");
    assert.equal(screen.current(), "…  x  5.0 s so far  linking");
    screen.time = 6_000;
    step.update(7, 5);
    assert.match(screen.current(), /100%/, "a total that was guessed too low");
    step.done();
  });

  it("shows that time passes even if nothing is reported", async function () {
    this.timeout(60_000);
    const screen = new Screen(true);
    const step = terminalProgress(screen, screen.now).step("x");
    screen.time = 65_000;
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    assert.equal(screen.current(), "…  x  1 min 5 s so far");
    step.done();
  });

  it("has one open step, ended once", () => {
    const progress = plainProgress(new Screen());
    const step = progress.step("one");
    assert.throws(() => progress.step("two"), /"two" begins before "one" has ended/);
    step.done();
    step.update(1, 2);
    assert.throws(() => step.failed(), /ended twice/);
    progress.step("two").done();
  });

  it("says that a step failed", () => {
    const screen = new Screen();
    plainProgress(screen, screen.now).step("x").failed();
    assert.deepEqual(screen.lines(), ["x …", "x: failed (0.0 s)"]);
  });

  it("suits the stream it is written to", () => {
    const terminal = new Screen(true);
    createProgress(terminal).step("x").done();
    assert.match(terminal.written, /\x1b\[2K/);
    const log = new Screen(false);
    createProgress(log).step("x").done();
    assert.doesNotMatch(log.written, /\x1b/);
    silentProgress().step("x").done();
  });

  it("says durations as people do", () => {
    const said = [0, 440, 9_949, 9_950, 59_499, 59_500, 60_000, 258_000, 3_599_499, 3_600_000, 7_500_000].map(
      formatDuration,
    );
    assert.deepEqual(said, [
      "0.0 s",
      "0.4 s",
      "9.9 s",
      "10 s",
      "59 s",
      "1 min",
      "1 min",
      "4 min 18 s",
      "59 min 59 s",
      "1 h 0 min",
      "2 h 5 min",
    ]);
  });
});
