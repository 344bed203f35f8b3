import type { Findings } from "../../validation/problem";
import { versionOf } from "../../istio/destination";
import type { AppSelection, AppState } from "./appState";
import type { OtherApp, PlannedApp } from "./plan";
import { namesOfApps } from "./planApps";
import type { RolloutSettings } from "./settings";

/** An app that is to be moved, and how it stands. */
export interface AppToMove extends OtherApp {
  state: AppState;
}

/** The apps that a plan is to name. */
export interface AppsToPlan {
  own: AppToMove;
  /** Those that take the same steps. */
  others: readonly AppToMove[];
  /** Those whose shares stay. */
  watched: readonly PlannedApp[];
}

/**
 * The apps that a rollout's settings name.
 *
 * @param given The settings; sound by themselves.
 * @param own How the app stands whose settings they are.
 * @param readApp Reads how another one stands.
 * @param findings Its path is where the settings stand.
 * @throws ValidationError that names the keys from which it cannot be told how another app stands
 */
export function appsToPlan(
  { target, with: others = [], watch: watched = [] }: RolloutSettings,
  own: AppState,
  readApp: (selection: AppSelection) => AppState,
  findings: Findings,
): AppsToPlan {
  const entries = [
    ...others.map((selection, index) => ({ selection, at: findings.field("with").field(index) })),
    ...watched.map((selection, index) => ({ selection, at: findings.field("watch").field(index) })),
  ];
  entries
    .filter(({ selection }) => selection.prefix === own.prefix)
    .forEach(({ at }) => at.field("prefix").add(`is ${own.prefix}, that of the rollout itself`, "name another app"));
  const states = [
    own,
    ...entries.map(({ selection, at }) => (selection.prefix === own.prefix ? own : stateOf(selection, at))),
  ];
  states.forEach(({ app, namespace }, index) => {
    const first = states.findIndex((each) => each.app === app && each.namespace === namespace);
    if (first < index && states[index] !== own) {
      const whose = first === 0 ? "the rollout itself" : entries[first - 1].at.path;
      entries[index - 1].at.add(
        `is the app ${app} in namespace ${namespace}, and so is ${whose}`,
        "an app is moved or watched once: remove one of them",
      );
    }
  });
  const names = namesOfApps(states);
  const planned = states.map(({ app, namespace, prefix, versions }, index) => ({
    name: names[index],
    app,
    namespace,
    prefix,
    versions,
  }));
  const moved = planned.slice(0, 1 + others.length).map((app, index) => ({
    ...app,
    target: (index === 0 ? target : others[index - 1].target) ?? app.versions[app.versions.length - 1],
    state: states[index],
  }));
  return { own: moved[0], others: moved.slice(1), watched: planned.slice(moved.length) };

  function stateOf(selection: AppSelection & { target?: string }, at: Findings): AppState {
    const state = readApp({
      prefix: selection.prefix,
      app: selection.app,
      namespace: selection.namespace,
      versions: selection.versions,
    });
    if (selection.target !== undefined) {
      versionOf(state.versions)(selection.target, at.field("target"));
    }
    return state;
  }
}
