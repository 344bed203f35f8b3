import assert from "node:assert/strict";
import { hostname } from "node:os";
import { localLockHolders, upErrorOf } from "../../../../src/rollout/pulumi/upTrouble";

const LOCK = `code: 255 stderr: error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/.pulumi/locks/organization/shop/dev/a.json: created by ann@${hostname()} (pid 4242) at 2030-01-01T00:00:00Z`;

describe("what became of an up", () => {
  it("may pass where another update has the stack, or the cluster does not answer", () => {
    for (const text of [
      LOCK,
      "error: [409] Conflict: Another update is currently in progress.",
      'shop-routes: Patch "https://10.0.0.1:6443/apis/networking.istio.io/v1/x": dial tcp 10.0.0.1:6443: connect: connection refused',
      "failed to read resource state due to unreachable API server",
      "configured Kubernetes cluster is unreachable: unable to load schema information from the API server: the server has asked for the client",
      'Get "https://10.0.0.1:6443/version": net/http: TLS handshake timeout',
      "etcdserver: request timed out",
      "the connection to Pulumi's engine was lost before all resources were registered, and nothing is deleted: 14 UNAVAILABLE: No connection established",
    ]) {
      assert.equal(upErrorOf([text], false).trouble, "passing", text);
    }
  });

  it("is broken where the cluster answered, even if pods refuse connections", () => {
    for (const text of [
      "canary-app:weight is 101; a whole number from 0 to 100 is needed",
      "shop-v2: the resource was created, but failed to become live: 1 pod not ready: Readiness probe failed: dial tcp 10.1.1.1:8080: connect: connection refused",
      'the Kubernetes API server reported that "shop/shop-v2" failed to fully initialize or become live: CrashLoopBackOff',
    ]) {
      assert.equal(upErrorOf([text], false).trouble, "broken", text);
    }
  });

  it("was cancelled if that was asked for, whatever it says", () => {
    assert.equal(upErrorOf([LOCK], true).trouble, "cancelled");
  });

  it("is told in one line that is not endless, each message once", () => {
    const { message } = upErrorOf(["a\n  b", "a\n  b", "c".repeat(1000)], false);
    assert.match(message, /^a b; c+…$/);
    assert.equal(message.length, 600);
  });

  it("names the processes of this machine that hold a lock, and none if another machine has one", () => {
    assert.deepEqual(localLockHolders([LOCK]), [4242]);
    assert.equal(localLockHolders([LOCK, "created by bob@elsewhere (pid 1)"]), undefined);
    assert.equal(localLockHolders(["connection refused"]), undefined);
  });
});
