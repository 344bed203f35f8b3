import { argumentModel } from "./argumentModel";
import { sections } from "./sections";

/** The reference of a rollout's settings, as Markdown, from the docstrings alone. */
export function rolloutSettings(): string {
  const introduction = [
    "# All settings of a rollout",
    "<!-- Made from the docstrings by `npm run docs`; do not edit. -->",
    "They stand in a stack's config under the key `rollout`. Flags of the `canary` command go over them, and code passes the same as " +
      "`settings`. How a run goes: [rollout.md](rollout.md).",
  ].join("\n\n");
  return `${[introduction, ...sections(argumentModel(["RolloutSettings"], ["src/rollout", "src/internal/http"]))].join("\n\n")}\n`;
}
