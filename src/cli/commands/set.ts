import { Command } from "commander";
import { duration } from "../../internal/format";
import { formatWeights } from "../../rollout/weights";
import { planShares, setShares, type WantedShares } from "../../rollout/runner/setShares";
import { UsageError } from "../errors";
import type { Session } from "../session";

/** `canary set`: shares by hand, in one `up`. */
export function setCommand(session: Session): Command {
  return new Command("set")
    .argument("<shares...>", "the weight of the newer of two versions, or VERSION=PERCENT for every version")
    .summary("set the weights and run one up, without a rollout")
    .description(
      "Sets the weights in the stack's config and runs one up: no steps, no gates, no automatic rollback. Not possible while a run is in progress.",
    )
    .addHelpText(
      "after",
      `
Examples:
  canary set 25                       the newer of two versions gets 25%
  canary set v1=90 v2=10 v3=0 --yes

Exit codes: 0 done, 1 failed, 2 usage error or invalid weights, 5 the stack is locked by a run.`,
    )
    .action(async (words: string[], _options: object, command: Command) => {
      const { options, reference, appSelection } = await session.call(command);
      const wanted = wantedShares(words);
      const planned = await planShares({ ...reference, appSelection }, wanted);
      const { app, versions, before, after } = planned;
      if (
        !(await session.confirm(
          `move ${app} from ${formatWeights(before, versions)} to ${formatWeights(after, versions)}`,
          options,
        ))
      ) {
        return session.line("Nothing was changed.");
      }
      const began = performance.now();
      const ending = endingSignal();
      try {
        await setShares({ ...reference, appSelection }, planned, ending.signal);
      } finally {
        ending.stop();
      }
      const seconds = (performance.now() - began) / 1000;
      session.answer(
        options,
        { app, before, after, seconds },
        `${app} is at ${formatWeights(after, versions)} after ${duration(seconds)}.`,
      );
    });
}

/** The words of a call as shares. */
export function wantedShares(words: readonly string[]): WantedShares {
  if (words.length === 1 && /^\d+$/.test(words[0])) {
    return Number(words[0]);
  }
  const parts = words.map((word) => /^([^=]+)=(\d+)%?$/.exec(word));
  const wrong = words.find((_, index) => parts[index] === null);
  if (wrong !== undefined) {
    throw new UsageError(
      `"${wrong}" is not a valid weight: expected an integer from 0 to 100, or VERSION=PERCENT for every version, e.g. v1=90 v2=10.`,
    );
  }
  const names = parts.map((part) => part?.[1] as string);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new UsageError(`${twice} is given twice; give each version one weight.`);
  }
  return Object.fromEntries(parts.map((part) => [part?.[1], Number(part?.[2])]));
}

/** Ctrl-C and the like end the `up` in order. */
function endingSignal(): { signal: AbortSignal; stop(): void } {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  signals.forEach((signal) => process.on(signal, end));
  return { signal: ending.signal, stop: () => signals.forEach((signal) => process.off(signal, end)) };
}
