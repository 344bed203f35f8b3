import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MODULES } from "../../../sandbox/tools/recipe";

/** What the demo builds. */
const BUILT = ["kube", "coredns", "istio", "pulumi"];

/** Kubernetes' own libraries, which each of them needs in the version of its time. */
const OF_KUBERNETES = /^(k8s\.io|sigs\.k8s\.io|go\.etcd\.io)\//;

/** The versions that a module requires, without what it replaces. */
function required(module: string): Map<string, string> {
  const text = readFileSync(join(MODULES, module, "go.mod"), "utf8");
  const replaced = new Set([...text.matchAll(/^\t?(?:replace )?(\S+)(?: v\S+)? => /gm)].map(([, path]) => path));
  const lines = [...text.matchAll(/^(?:\t|require )(\S+\.\S+\/\S+) (v\S+)(?: \/\/ indirect)?$/gm)];
  return new Map(lines.filter(([, path]) => !replaced.has(path)).map(([, path, version]) => [path, version]));
}

describe("the Go modules of what the demo builds", () => {
  it("agree on the versions of what they share, so that it is compiled once", () => {
    const versions = new Map<string, Map<string, string[]>>();
    for (const module of BUILT) {
      for (const [path, version] of required(module)) {
        const of = versions.get(path) ?? new Map<string, string[]>();
        versions.set(path, of.set(version, [...(of.get(version) ?? []), module]));
      }
    }
    const shared = [...versions].filter(
      ([path, of]) => !OF_KUBERNETES.test(path) && [...of.values()].flat().length > 1,
    );
    assert.ok(shared.length > 80, `only ${shared.length} are shared: are the modules read?`);
    assert.deepEqual(
      shared.filter(([, of]) => of.size > 1).map(([path, of]) => `${path}: ${JSON.stringify(Object.fromEntries(of))}`),
      [],
    );
  });
});
