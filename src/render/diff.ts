import { createTwoFilesPatch } from "diff";
import { type RenderedStep, titleOf } from "./steps";
import { objectText, RenderFormat, renderedText } from "./text";

/** A unified diff of two renderings, object by object in the order of the newer one; "" if they are the same. */
export function renderedDiff(before: readonly RenderedStep[], after: readonly RenderedStep[]): string {
  const [old, now] = [byName(before), byName(after)];
  const names = [...now.keys(), ...[...old.keys()].filter((name) => !now.has(name))];
  return names
    .filter((name) => old.get(name) !== now.get(name))
    .map((name) => patch(name, old.get(name), now.get(name)))
    .join("");
}

function byName(steps: readonly RenderedStep[]): Map<string, string> {
  return new Map(
    steps.map((step) =>
      step.manifest === undefined
        ? [`chart ${step.install?.release}`, renderedText([step], RenderFormat.Yaml)]
        : [titleOf(step.manifest), objectText(step.manifest)],
    ),
  );
}

function patch(name: string, before: string | undefined, after: string | undefined): string {
  const text = createTwoFilesPatch(
    before === undefined ? "/dev/null" : name,
    after === undefined ? "/dev/null" : name,
    before ?? "",
    after ?? "",
    undefined,
    undefined,
    { context: 3 },
  );
  return text.slice(text.indexOf("--- "));
}
