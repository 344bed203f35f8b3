import { formatWeights, type Weights } from "../weights";
import { type Plan, type PlannedApp, type Step, versionsOf } from "./plan";

/** The shares of a plan's own app, and those of the apps that take the same steps, by their names in the plan. */
export type SharesOfApps = Pick<Step, "weights" | "others">;

/** An app that a plan moves. */
export type MovedApp = Omit<PlannedApp, "prefix"> & { target: string };

/** How apps are called together: by their names, and by their namespaces too where names alone do not tell them apart. */
export function namesOfApps(apps: readonly Pick<PlannedApp, "app" | "namespace">[]): string[] {
  return apps.map(({ app, namespace }) =>
    apps.filter((each) => each.app === app).length > 1 ? `${app}.${namespace}` : app,
  );
}

/** The apps that a plan moves, its own first. */
export function movedApps(plan: Plan): readonly MovedApp[] {
  const { app, namespace, target, others = [] } = plan;
  return [{ name: ownName(plan), app, namespace, target, versions: versionsOf(plan) }, ...others];
}

/** How a plan calls its own app. */
export function ownName({ app, namespace, others = [], watched = [] }: Plan): string {
  return namesOfApps([{ app, namespace }, ...others, ...watched])[0];
}

/** What is rolled out: `v2 of shop`, or `v2 of shop and v3 of cart`. */
export function targetsText(plan: Plan): string {
  return enumerated(movedApps(plan).map(({ name, target }) => `${target} of ${name}`));
}

/** Their names: `shop`, or `shop and cart`. */
export function appsText(plan: Plan): string {
  return enumerated(movedApps(plan).map(({ name }) => name));
}

/** Where they are: `shop in namespace shop`, or `shop in namespace shop and cart in namespace cart`. */
export function placesText(plan: Plan): string {
  return enumerated(movedApps(plan).map(({ app, namespace }) => `${app} in namespace ${namespace}`));
}

function enumerated(texts: readonly string[]): string {
  return [...(texts.length > 1 ? [texts.slice(0, -1).join(", ")] : []), texts[texts.length - 1]].join(" and ");
}

/**
 * The shares of all apps that a plan moves, in short: `v1 90, v2 10`, or `shop: v1 90, v2 10; cart: v1 95, v2 5`.
 *
 * @param digits The most decimals, for shares that were measured.
 */
export function sharesText(
  plan: Plan,
  { weights, others }: { weights?: Weights; others?: SharesOfApps["others"] },
  digits = 0,
): string {
  const own = weights && formatWeights(weights, plan.versions, digits);
  if (plan.others === undefined) {
    return own ?? "";
  }
  const texts = plan.others.flatMap(({ name, versions }) => {
    const shares = others?.[name];
    return shares === undefined ? [] : [`${name}: ${formatWeights(shares, versions, digits)}`];
  });
  return [...(own === undefined ? [] : [`${ownName(plan)}: ${own}`]), ...texts].join("; ");
}
