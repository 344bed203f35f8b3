import { type AppState, appStateOf } from "../../../../src/rollout/plan/appState";

/** Two versions, the newer one without traffic. */
export const TWO = [
  { name: "v1", image: "shop:1" },
  { name: "v2", image: "shop:2" },
];

/** How an app stands whose stack says this; the rest are two versions, 100/0. */
export function standing(values: Record<string, unknown> = {}): AppState {
  const all = { appName: "shop", versions: TWO, weight: 0, ...values };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return appStateOf({
    project: "shop",
    values: Object.fromEntries(given.map(([key, value]) => [`shop:${key}`, value])),
  });
}
