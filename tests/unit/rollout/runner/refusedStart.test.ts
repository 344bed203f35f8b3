import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { startRollout } from "../../../../src/rollout/runner/rollouts";
import { StackFolder } from "./stackFolder";

const APP = `  shop:appName: shop
  shop:versions: [{ name: v1, image: "shop:1" }, { name: v2, image: "shop:2" }]
  shop:weight: 0
`;

describe("a run that cannot begin", () => {
  let folder: StackFolder;
  afterEach(() => folder.remove());

  const cases: [string, config: string, problem: RegExp][] = [
    [
      "whose cluster is a secret that nobody opens",
      "  kubernetes:kubeconfig: { secure: v1:abc }\n",
      /kubernetes:kubeconfig of the stack cannot be read, so its cluster is not known/,
    ],
    [
      "whose source is a secret as a whole",
      "  shop:rollout: { source: { prometheus: { url: { secure: v1:abc } } } }\n",
      /shop:rollout\.source\.prometheus\.url is a secret.*\{ secret: NAME \}/,
    ],
    [
      "whose gate asks a Prometheus that nobody has named",
      "  shop:rollout: { gates: [{ name: ok, kind: promql, query: up, min: 1 }] }\n",
      /gate ok needs one: set source\.prometheus\.url/,
    ],
  ];
  cases.push([
    "whose figures are to be of a port that the app does not have",
    "  shop:service: { ports: [{ name: web, port: 80 }, { name: calls, port: 9090, protocol: grpc }] }\n  shop:rollout: { source: { port: 8080 } }\n",
    /shop:rollout\.source\.port is 8080, and the Service has 80 and 9090/,
  ]);
  for (const protocol of ["tcp", "tls"]) {
    for (const kind of ["success-rate", "latency", "baseline"]) {
      const maxMs = kind === "latency" ? ", maxMs: 100" : "";
      cases.push([
        `whose ${kind} is asked of ${protocol}, of which proxies count no requests`,
        `  shop:service: { protocol: ${protocol} }\n  shop:rollout: { gates: [{ name: ok, kind: ${kind}${maxMs} }] }\n`,
        new RegExp(
          `shop:rollout\\.gates\\[0\\]\\.kind is ${kind}, and service\\.protocol is ${protocol}; .*use kind promql .* webhook or approval`,
        ),
      ]);
    }
  }
  for (const [name, config, problem] of cases) {
    it(`${name}: is refused with what to do, and leaves nothing behind`, async () => {
      folder = new StackFolder(`config:\n${APP}${config}`);
      folder.setWeightsInState({ v1: 100, v2: 0 });
      await assert.rejects(startRollout(folder.reference), problem);
      assert.deepEqual(readdirSync(folder.path).sort(), ["Pulumi.dev.yaml", "Pulumi.yaml", "bin"]);
      assert.deepEqual(readdirSync(`${folder.path}/bin`).sort(), ["pulumi", "state"]);
    });
  }
});
