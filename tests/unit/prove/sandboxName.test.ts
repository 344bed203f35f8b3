import assert from "node:assert/strict";
import { checkName } from "../../../sandbox/cluster/addresses";
import { SANDBOX_OF_PROOFS } from "../../prove/sandboxName";

describe("the sandbox of the proofs", () => {
  it("has a name that a sandbox can have", () => {
    assert.equal(checkName(SANDBOX_OF_PROOFS), SANDBOX_OF_PROOFS);
  });
});
