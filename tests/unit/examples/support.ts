import assert from "node:assert/strict";
import { join } from "node:path";
import { recordProgram } from "../../../src/render/program";
import type { RecordedResource } from "../../../src/render/recorder";
import { type Manifest, render } from "../../../src/render/steps";
import { type IstioObject, crdSchemas } from "../support/crdSchemas";

/** The examples, each a folder of this name. */
export const EXAMPLES = ["traffic-shifting", "bookinfo-reviews", "cloud-native-starter", "traffic-policies"] as const;

/** One of the examples. */
export type Example = (typeof EXAMPLES)[number];

/** What an example brings to the cluster. */
export interface Rendered {
  resources: RecordedResource[];
  manifests: Manifest[];
  /** The spec of an object; fails if there is none of this kind and name. */
  spec(kind: string, name: string): any;
}

/**
 * Renders an example with its defaults and more config, by key. Fails if Istio's definitions refuse one of its objects,
 * as far as they are there.
 */
export async function renderExample(
  example: Example,
  config: Readonly<Record<string, unknown>> = {},
): Promise<Rendered> {
  const keys = Object.fromEntries(Object.entries(config).map(([key, value]) => [`${example}:${key}`, value]));
  const { resources } = await recordProgram(join(__dirname, "../../../examples", example), "dev", keys);
  const manifests = render(resources).flatMap(({ manifest }) => manifest ?? []);
  for (const object of manifests.filter(isIstio)) {
    assert.deepEqual(crdSchemas()?.objections(object as unknown as IstioObject) ?? [], [], JSON.stringify(object));
  }
  const spec = (kind: string, name: string) => {
    const found = manifests.filter((each) => each.kind === kind && each.metadata.name === name);
    assert.equal(
      found.length,
      1,
      `${kind} ${name} among ${manifests.map((each) => `${each.kind} ${each.metadata.name}`).join(", ")}`,
    );
    return found[0].spec;
  };
  return { resources, manifests, spec };
}

/** Whether an object is one of Istio's. */
export function isIstio({ apiVersion }: Manifest): boolean {
  return /^(networking|security)\.istio\.io\//.test(apiVersion);
}

/** The shares of a route's destinations, by subset. */
export function sharesOf(route: { destination: { subset: string }; weight: number }[]): Record<string, number> {
  return Object.fromEntries(route.map(({ destination, weight }) => [destination.subset, weight]));
}
