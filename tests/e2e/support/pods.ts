import assert from "node:assert/strict";
import type { Answer } from "../../../load/request";
import { expectedRange } from "../../../load/shares";
import type { Kubectl } from "./kubectl";

/** The names of a version's running pods, sorted. */
export async function podsOf(kubectl: Kubectl, namespace: string, version: string): Promise<string[]> {
  const path = "jsonpath={range .items[?(@.status.phase=='Running')]}{.metadata.name}{'\\n'}{end}";
  const text = await kubectl.run("get", "pods", "-n", namespace, "-l", `version=${version}`, "-o", path);
  return text.split("\n").filter((name) => name !== "").sort();
}

/** Tells one pod of the demo app how to answer from now on, e.g. `error=100` or `delay=200ms`, past all proxies of callers. */
export async function switchPod(kubectl: Kubectl, namespace: string, pod: string, how: string): Promise<void> {
  await kubectl.run("create", "--raw", `/api/v1/namespaces/${namespace}/pods/${pod}:8080/proxy/switch?${how}`, "-f", "/dev/null");
}

/** How many answers each pod gave, whatever their status. */
export function countByPod(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { pod } of answers) {
    counts[pod ?? "none"] = (counts[pod ?? "none"] ?? 0) + 1;
  }
  return counts;
}

/** Asserts that these pods and no others answered, each as many as drawing them at random gives with a probability of 99.9 %. */
export function assertEvenPods(answers: readonly Answer[], pods: readonly string[]): void {
  const counts = countByPod(answers);
  assert.deepEqual(Object.keys(counts).sort(), [...pods].sort());
  const { least, most } = expectedRange(100 / pods.length, answers.length);
  for (const [pod, count] of Object.entries(counts)) {
    assert.ok(count >= least && count <= most, `${pod} answered ${count} of ${answers.length}, ${least} to ${most} were expected`);
  }
}
