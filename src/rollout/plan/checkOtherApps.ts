import { versionOf } from "../../istio/destination";
import { shown } from "../../validation/problem";
import { type Check, type Rule, list, required, setOf, shape } from "../../validation/shape";
import { dnsLabel, pattern } from "../../validation/values";
import { Strategy } from "./plan";
import type { RolloutSettings, TogetherSettings, WatchedSettings } from "./settings";

const SELECTION = {
  prefix: required(
    pattern(/^[A-Za-z][\w.-]*$/, "what comes before the ':' of the app's keys, such as cart,"),
    "what comes before the ':' of the app's keys",
  ),
  app: dnsLabel(),
  namespace: dnsLabel(),
  versions: list(versionOf(undefined), "a list of versions' names, oldest first,", 1),
};

/** What is wrong with the apps that are to take the same steps. */
export const checkWith: Check = list(
  shape<TogetherSettings>({ ...SELECTION, target: versionOf(undefined) }),
  "a list of apps",
);

/** What is wrong with the apps by whose requests gates are to judge. */
export const checkWatch: Check = list(shape<WatchedSettings>(SELECTION), "a list of apps");

/** A rule: several apps are moved by weights, and by nothing else. */
export const movedByWeights: Rule<RolloutSettings> = (settings, findings) => {
  if (!Array.isArray(settings.with) || settings.with.length === 0) {
    return;
  }
  const { strategy = Strategy.Canary } = settings;
  const instead = "remove it, or roll the apps out one after the other, each in a run of its own";
  if (strategy !== Strategy.Canary) {
    findings
      .field("with")
      .add(`is set for strategy ${strategy}`, `several apps take steps of weights only: ${instead}`);
  }
  for (const name of setOf(settings, ["mirror", "match"])) {
    findings.field("with").add(`is set beside ${name}`, `several apps take steps of weights only: ${instead}`);
  }
};

/** A rule: no two entries have the keys of the same app. */
export const ofDifferentApps: Rule<RolloutSettings> = (settings, findings) => {
  const entries = (["with", "watch"] as const).flatMap((name) => {
    const apps = settings[name];
    return (Array.isArray(apps) ? apps : []).map(({ prefix }, index) => ({
      prefix,
      path: `${name}[${index}]`,
      at: findings.field(name).field(index),
    }));
  });
  entries.forEach(({ prefix, at: entry }, index) => {
    const first = entries.findIndex((each) => each.prefix === prefix);
    if (first < index) {
      entry
        .field("prefix")
        .add(`is ${shown(prefix)}, also the prefix of ${entries[first].path}`, "each app needs keys of its own");
    }
  });
};
