import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type ClusterTools, apply, diff } from "../../../preview/rendered/apply";
import type { RenderedStep } from "../../../preview/rendered/steps";

/** Texts that YAML 1.1, which kubectl and helm read, takes for something else where they are not in quotes. */
const ODD = { answer: "no", switch: "on", letter: "y", octal: "0o14", number: "1_000", time: "12:30" };

const STEPS: RenderedStep[] = [
  { manifest: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop" }, data: ODD } },
  { manifest: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b", namespace: "shop" }, data: ODD } },
  { install: { release: "istiod", namespace: "istio-system", chart: "/charts/istiod", values: { meshConfig: ODD }, timeout: 60 } },
];

describe("what kubectl and helm are given", () => {
  let folder: string;
  let tools: ClusterTools;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "canary-apply-"));
    const program = join(folder, "program");
    await writeFile(program, `#!/bin/sh\n{ cat; echo; echo ---; } >> ${folder}/input\n`, { mode: 0o755 });
    tools = { kubectl: program, helm: async () => program, variables: {} };
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** All that the programs have read, as they read it. */
  const read = async () => {
    const documents = parseAllDocuments(await readFile(join(folder, "input"), "utf8"), { version: "1.1" });
    return documents.map((document) => document.toJS() as unknown).filter((each) => each !== null);
  };

  it("is read as what it is when steps are applied, whatever its texts look like", async () => {
    await apply(STEPS, tools, () => undefined);
    assert.deepEqual(await read(), STEPS.map(({ manifest, install }) => manifest ?? install?.values));
  });

  it("is read as what it is when steps are compared, one object after the other", async () => {
    await diff(STEPS, tools);
    assert.deepEqual(await read(), STEPS.flatMap(({ manifest }) => manifest ?? []));
  });
});
