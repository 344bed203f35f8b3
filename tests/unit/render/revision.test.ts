import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atRevision } from "../../../src/render/revision";

describe("a folder at a revision", () => {
  let top: string;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      cwd: top,
      encoding: "utf8",
    });
  const config = () => join(top, "infra/Pulumi.dev.yaml");

  before(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), "canary-test-")));
    git("init", "-q", "-b", "main");
    mkdirSync(join(top, "infra"));
    writeFileSync(config(), "old\n");
    git("add", ".");
    git("commit", "-qm", "one");
    writeFileSync(config(), "new\n");
    git("commit", "-qam", "two");
    writeFileSync(config(), "not committed\n");
    mkdirSync(join(top, "node_modules"));
    writeFileSync(join(top, "node_modules/marker"), "");
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  it("has the files of then and the packages of now", async () => {
    const read = (revision: string) =>
      atRevision(join(top, "infra"), revision, async (folder) => [
        readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8"),
        existsSync(join(folder, "../node_modules/marker")),
      ]);
    assert.deepEqual(await read("HEAD~1"), ["old\n", true]);
    assert.deepEqual(await read("main"), ["new\n", true]);
  });

  it("is gone afterwards, also after a failure, and nothing in the repository has changed", async () => {
    const status = git("status", "--porcelain");
    let seen = "";
    await assert.rejects(
      atRevision(join(top, "infra"), "HEAD", async (folder) => {
        seen = folder;
        assert.ok(lstatSync(folder).isDirectory());
        throw new Error("mine");
      }),
      /mine/,
    );
    assert.ok(!existsSync(seen));
    assert.deepEqual(
      [git("status", "--porcelain"), readFileSync(config(), "utf8"), existsSync(join(top, "node_modules/marker"))],
      [status, "not committed\n", true],
    );
  });

  for (const revision of ["nowhere", "--help", "-q", ""]) {
    it(`is refused for ${JSON.stringify(revision)}`, () =>
      assert.rejects(
        atRevision(top, revision, async () => undefined),
        /git rev-parse failed/,
      ));
  }
});
