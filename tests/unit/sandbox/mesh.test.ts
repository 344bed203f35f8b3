import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { writeMeshValues } from "../../../sandbox/mesh";

describe("the mesh's values", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "mesh-test-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const values = (chart: string): any => parse(readFileSync(join(folder, "values", `${chart}.yaml`), "utf8"));

  it("are one file for each chart, the gateway's with the node's address", () => {
    writeMeshValues(join(folder, "values"), { nodeAddress: "10.77.3.2" });
    assert.deepEqual(readdirSync(join(folder, "values")).sort(), ["base.yaml", "gateway.yaml", "istiod.yaml"]);
    assert.deepEqual(values("gateway").service, { type: "ClusterIP", externalIPs: ["10.77.3.2"] });
    assert.equal(values("gateway").imagePullPolicy, "IfNotPresent");
    writeMeshValues(join(folder, "values"), { nodeAddress: "10.77.4.2" });
    assert.deepEqual(values("gateway").service.externalIPs, ["10.77.4.2"], "written again, they follow");
  });

  it("switch off the three extensions that Envoy lacks", () => {
    writeMeshValues(join(folder, "values"), { nodeAddress: "10.77.3.2" });
    const istiod = values("istiod");
    assert.equal(istiod.telemetry.enabled, false);
    assert.deepEqual(istiod.env, { PILOT_ENABLE_METADATA_EXCHANGE: "false", PILOT_ENABLE_ALPN_FILTER: "false" });
  });

  it("need an address", () => {
    assert.throws(() => writeMeshValues(join(folder, "values"), { nodeAddress: "node" }), RangeError);
  });
});
