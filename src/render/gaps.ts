import { counted } from "../internal/format";
import type { Recording } from "./recorder";
import { type RenderedStep, titleOf, unrendered } from "./steps";
import { UNKNOWN_VALUE, unknownPaths } from "./unknownMark";

/** What a rendering lacks of what an `up` would bring to the cluster. */
export interface Gaps {
  /** Values that are known only once other resources exist; in the rendering they are `[unknown]`. */
  unknown: readonly UnknownValues[];
  /** Resources whose objects only Pulumi's providers know: `type name` of each. */
  unrendered: readonly string[];
}

/** The unknown values of one object or chart. */
export interface UnknownValues {
  /** `Deployment.apps shop/shop-v2`, `chart istiod`. */
  object: string;
  /** Where they are in it, e.g. `spec.template.spec.containers[0].image`. */
  paths: readonly string[];
}

/** Finds the gaps of a rendering. */
export function gapsOf({ resources }: Recording, steps: readonly RenderedStep[]): Gaps {
  return {
    unknown: steps
      .map(({ manifest, install }) =>
        manifest === undefined
          ? { object: `chart ${install?.release}`, paths: unknownPaths(install) }
          : { object: titleOf(manifest), paths: unknownPaths(manifest) },
      )
      .filter(({ paths }) => paths.length > 0),
    unrendered: unrendered(resources),
  };
}

/** Whether the rendering is complete. */
export function isWhole({ unknown, unrendered: missing }: Gaps): boolean {
  return unknown.length === 0 && missing.length === 0;
}

/** The gaps for people, in lines; none if there are none. */
export function gapLines(gaps: Gaps, { calls }: Pick<Recording, "calls">): string[] {
  const count = gaps.unknown.reduce((sum, { paths }) => sum + paths.length, 0);
  const lines = [
    ...(count === 0
      ? []
      : [
          `${counted(count, "value")} known only once other resources exist, printed as ${UNKNOWN_VALUE}:`,
          ...gaps.unknown.flatMap(({ object, paths }) => paths.map((path) => `  ${object}: ${path}`)),
        ]),
    ...(gaps.unrendered.length === 0
      ? []
      : [
          "without their objects, which only Pulumi's provider can tell:",
          ...gaps.unrendered.map((each) => `  ${each}`),
        ]),
  ];
  // What a program does with a result is not known, so calls alone are no gap.
  return lines.length === 0 || calls.length === 0
    ? lines
    : [...lines, `functions of providers that were not called: ${calls.join(", ")}`];
}
