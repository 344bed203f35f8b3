import assert from "node:assert/strict";
import type { Answer } from "../../../demo/load/request";
import { BEYOND_CHANCE, expectedRange } from "../../../demo/load/shares";
import type { Kubectl } from "./kubectl";
import { pause } from "./traffic";

/** The names of a version's running pods, sorted; those that are going are left out. */
export async function podsOf(kubectl: Kubectl, namespace: string, version: string): Promise<string[]> {
  const { items } = JSON.parse(
    await kubectl.run("get", "pods", "-n", namespace, "-l", `version=${version}`, "-o", "json"),
  ) as { items: Pod[] };
  const running = items.filter(
    ({ metadata, status }) => status.phase === "Running" && metadata.deletionTimestamp === undefined,
  );
  return running.map(({ metadata }) => metadata.name).sort();
}

interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
  status: { phase: string };
}

/**
 * Tells one pod of the demo app how to answer from now on, e.g. `error=100` or `delay=200ms`, past all proxies of
 * callers.
 */
export async function switchPod(
  kubectl: Kubectl,
  namespace: string,
  pod: string,
  how: string,
  port = 8080,
): Promise<void> {
  await kubectl.run(
    "create",
    "--raw",
    `/api/v1/namespaces/${namespace}/pods/${pod}:${port}/proxy/switch?${how}`,
    "-f",
    "/dev/null",
  );
}

/** How many requests a version's pods answered while something was done; copies that come later are waited for. */
export async function answeredWhile(
  kubectl: Kubectl,
  namespace: string,
  version: string,
  work: () => Promise<unknown>,
): Promise<number> {
  const pods = await podsOf(kubectl, namespace, version);
  const before = await answeredBy(kubectl, namespace, pods);
  await work();
  await pause(1000);
  return (await answeredBy(kubectl, namespace, pods)) - before;
}

/** How many requests some pods of the demo app have answered. */
export async function answeredBy(kubectl: Kubectl, namespace: string, pods: readonly string[]): Promise<number> {
  const texts = await Promise.all(
    pods.map((pod) => kubectl.run("get", "--raw", `/api/v1/namespaces/${namespace}/pods/${pod}:9090/proxy/metrics`)),
  );
  const counts = texts.flatMap((text) => [...text.matchAll(/^demo_requests_total\{.*\} (\d+)$/gm)]);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** How many answers each pod gave, whatever their status. */
export function countByPod(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { pod } of answers) {
    counts[pod ?? "none"] = (counts[pod ?? "none"] ?? 0) + 1;
  }
  return counts;
}

/**
 * Asserts that these pods and no others answered, each as many as drawing them at random gives; chance alone fails that
 * less than once in a million times.
 */
export function assertEvenPods(answers: readonly Answer[], pods: readonly string[]): void {
  const counts = countByPod(answers);
  assert.deepEqual(Object.keys(counts).sort(), [...pods].sort());
  for (const [pod, count] of Object.entries(counts)) {
    assertCount(pod, count, 100 / pods.length, answers.length);
  }
}

/** Asserts a number of requests by its share in percent; chance alone fails that once in ten million times. */
export function assertCount(what: string, count: number, share: number, requests: number): void {
  const { least, most } = expectedRange(share, requests, BEYOND_CHANCE);
  assert.ok(count >= least && count <= most, `${what}: ${count} of ${requests}, ${least} to ${most} were expected`);
}

/** How many requests the pods of a version of the demo app have answered. */
export async function requestsAnswered(kubectl: Kubectl, namespace: string, version: string): Promise<number> {
  return answeredBy(kubectl, namespace, await podsOf(kubectl, namespace, version));
}

/** How many requests each of these versions answered while something was done. */
export async function answeredDuring(
  kubectl: Kubectl,
  namespace: string,
  versions: readonly string[],
  work: () => Promise<unknown>,
): Promise<number[]> {
  const look = () => Promise.all(versions.map((version) => requestsAnswered(kubectl, namespace, version)));
  const before = await look();
  await work();
  return (await look()).map((count, index) => count - before[index]);
}
