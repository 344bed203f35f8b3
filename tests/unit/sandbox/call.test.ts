import assert from "node:assert/strict";
import { HELP, parseCall, UsageError } from "../../../sandbox/cluster/arguments";

describe("the sandbox's command line", () => {
  it("reads commands and options", () => {
    const plain = { name: "canary", mesh: true, wipe: true, json: false };
    assert.deepEqual(parseCall(["up"]), { command: "up", ...plain });
    assert.deepEqual(parseCall(["up", "--no-mesh", "--name", "life"]), {
      command: "up",
      ...plain,
      mesh: false,
      name: "life",
    });
    assert.deepEqual(parseCall(["--name=life", "down", "--keep-state"]), {
      command: "down",
      ...plain,
      wipe: false,
      name: "life",
    });
    assert.deepEqual(parseCall(["status", "--json"]), { command: "status", ...plain, json: true });
    assert.deepEqual(parseCall(["image", "demo"]), { command: "image", ...plain, image: "demo" });
    assert.deepEqual(parseCall(["env"]), { command: "env", ...plain });
  });

  it("helps whoever asks for help, or for nothing", () => {
    for (const args of [[], ["help"], ["--help"], ["-h"], ["up", "--help"]])
      assert.equal(parseCall(args).command, "help");
  });

  const wrong: [string[], RegExp][] = [
    [["start"], /no command "start"; there are up, down, status, env, image, help/],
    [["image"], /"image" takes the name of one: pause, coredns, demo/],
    [["image", "nginx"], /"image" takes the name of one/],
    [["image", "demo", "pause"], /"image" takes no second argument; there is "pause" too much/],
    [["up", "now"], /"up" takes no argument; there is "now" too much/],
    [["up", "--keep-state"], /--keep-state is no option of "up", but of "down"/],
    [["down", "--json"], /--json is no option of "down", but of "status" and "env"/],
    [["up", "--fast"], /--fast/],
    [["up", "--name"], /--name/],
    [["up", "--name", "Not A Name"], /"Not A Name"; it must be 1 to 10/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${JSON.stringify(args)}`, () => {
      assert.throws(
        () => parseCall(args),
        (error: Error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  it("teaches every option and exit code, and what to do without a sandbox", () => {
    for (const word of ["--no-mesh", "--keep-state", "--json", "--name", "eval", "Exit codes: 0", "--context NAME"])
      assert.ok(HELP.includes(word), word);
  });
});
