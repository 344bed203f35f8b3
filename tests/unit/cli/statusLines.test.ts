import assert from "node:assert/strict";
import { appStatusLines, lastRunLines, unrecordedLines } from "../../../src/cli/live/statusLines";
import { paint } from "../../../src/cli/terminal";
import { fold, type RunState } from "../../../src/rollout/runner/state";
import { promotedRun, rolledBackRun, START } from "../rollout/support/runs";

const PLAIN = paint({ colours: false });

function lastRun(events: ReturnType<typeof promotedRun>, isAtWork = false) {
  return { state: fold(events) as RunState, events, holder: undefined, isAtWork };
}

describe("how an app stands, in lines", () => {
  it("has a dash for what is not known, and says why", () => {
    const versions = [
      {
        version: "v1",
        desired: 90,
        actual: 91.04,
        requests: 1204,
        failures: 3,
        p99: 18.6,
        pods: { ready: 1, wanted: 2 },
      },
      { version: "v2", desired: 10, requests: 0, failures: 0 },
      { version: "v3", desired: 0 },
    ];
    const cluster = { server: "https://prod.example.com", context: "prod" };
    const appStatus = { app: "shop", namespace: "prod", cluster, versions, seconds: 5, missing: ["pods: no answer"] };
    assert.deepEqual(appStatusLines("dev", appStatus, PLAIN), [
      "shop in namespace prod, stack dev (requests in 5 s)",
      "  on https://prod.example.com (context prod)",
      "  version  desired  actual  requests  succeeded  p99    pods",
      "  v1       90%      91%     1,204     99.8%      19 ms  1 of 2 ready",
      "  v2       10%      —       0         —          —      —",
      "  v3       0%       —       —         —          —      —",
      "  not available: pods: no answer",
    ]);
  });

  it("says where requests are all since the proxies started, whose shares say nothing of now", () => {
    const versions = [{ version: "v1", desired: 100, requests: 1204, failures: 0 }];
    const appStatus = { app: "shop", namespace: "prod", versions, seconds: Infinity, missing: [] };
    assert.deepEqual(
      [appStatusLines("dev", appStatus, PLAIN)[0], appStatusLines("dev", appStatus, PLAIN)[2].trim().split(/  +/)],
      [
        "shop in namespace prod, stack dev (requests since the proxies started)",
        ["v1", "100%", "—", "1,204", "100%", "—", "—"],
      ],
    );
  });

  it("says what is to be done about weights that no up has recorded", () => {
    assert.deepEqual(unrecordedLines([], PLAIN), []);
    assert.match(
      unrecordedLines([{ app: "shop", namespace: "prod", weights: { v1: 80, v2: 20 } }], PLAIN)[0],
      /^The routes of shop may have v1 80, v2 20, which no `up` has recorded.*`pulumi up --refresh` puts that right$/,
    );
  });

  it("has the last run's end, with what users saw", () => {
    assert.deepEqual(lastRunLines(lastRun(promotedRun()), START, PLAIN), [
      "Last run 20260301T120000Z-a1b2: v2 of shop promoted; users saw 6 of 13,000 requests failed (0.05%)",
      "  2026-03-01 12:00:00 UTC, by ada@build-7; `canary report` has the details",
    ]);
    assert.match(
      lastRunLines(lastRun(rolledBackRun()), START, PLAIN)[0],
      /v2 of shop rolled back \(gate\): success failed 2 times in a row: .*; users saw 102 of 10,100/,
    );
    assert.deepEqual(lastRunLines(undefined, START, PLAIN), ["No runs yet."]);
  });

  it("shows a run that is not at its end, and whether anybody leads it", () => {
    const open = promotedRun().slice(0, 5);
    assert.match(
      lastRunLines(lastRun(open), START, PLAIN).join("\n"),
      /its process has ended: `canary rollout --continue`/,
    );
    assert.match(lastRunLines(lastRun(open, true), START, PLAIN).join("\n"), /▸ 10%[^]*\n {2}in progress$/);
  });
});
