import { join } from "node:path";

/** The size of a stack. */
export interface Size {
  /** How many CanaryApps. */
  apps: number;
  /** How many versions each of them has. */
  versions: number;
  /** How many routes each of them has. */
  routes: number;
}

/** The project whose stack has that size. */
export const GROWING_PROJECT = join(__dirname, "project");

/** The newest version's weight in the first app before and after the measured change. */
export const WEIGHTS = { before: 25, after: 50 } as const;

const SMALLEST: Size = { apps: 1, versions: 2, routes: 1 };

/** One dimension grows while the others stay small. */
export const AXES = {
  apps: [1, 10, 50, 200].map((apps) => ({ ...SMALLEST, apps })),
  versions: [2, 5, 20].map((versions) => ({ ...SMALLEST, versions })),
  routes: [1, 10, 100].map((routes) => ({ ...SMALLEST, routes })),
} as const satisfies Record<keyof Size, readonly Size[]>;

/** All at once. */
export const LARGE: readonly Size[] = [
  { apps: 50, versions: 5, routes: 10 },
  { apps: 200, versions: 5, routes: 10 },
];

/** Every size once. */
export const SIZES: readonly Size[] = [
  ...new Map([...Object.values(AXES).flat(), ...LARGE].map((size) => [JSON.stringify(size), size])).values(),
];

/** The config of a stack of that size. */
export function configOf({ apps, versions, routes }: Size, weight: number): Record<string, number> {
  return { apps, versions, routes, weight };
}

/** A size's name in results and for people. */
export function nameOf({ apps, versions, routes }: Size): string {
  return `${apps}-apps-${versions}-versions-${routes}-routes`;
}
