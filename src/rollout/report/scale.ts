/** The span of an axis and where its lines are. */
export interface Axis {
  least: number;
  most: number;
  ticks: readonly number[];
}

/** An axis from `least` to at least `most`, with about so many ticks at round numbers. */
export function axis(least: number, most: number, about = 4): Axis {
  const step = roundStep((most - least || 1) / about);
  const end = least + Math.ceil((most - least || 1) / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round((end - least) / step) + 1 }, (_, index) =>
    Number((least + index * step).toPrecision(12)),
  );
  return { least, most: ticks[ticks.length - 1], ticks };
}

/** Where an axis of success rates may begin, and how far apart its ticks are then. */
const FLOORS = [
  [99, 0.2],
  [95, 1],
  [90, 2],
  [75, 5],
  [50, 10],
  [0, 25],
] as const;

/** Success rates differ at their upper end: the axis starts below the worst of them, and ends at 100. */
export function successAxis(worst: number): Axis {
  const [least, step] = FLOORS.find(([floor]) => worst >= floor) ?? FLOORS[FLOORS.length - 1];
  return {
    least,
    most: 100,
    ticks: Array.from({ length: Math.round((100 - least) / step) + 1 }, (_, index) =>
      Number((least + index * step).toFixed(1)),
    ),
  };
}

/** 1, 2 or 5 times a power of ten, at least as much as asked. */
function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((each) => each * power >= raw * (1 - 1e-9)) as number;
  return factor * power;
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** Marks on the axis of time, in seconds since the start. */
export function timeTicks(seconds: number, most = 8): number[] {
  const step = TIME_STEPS.find((each) => seconds / each <= most) ?? Math.ceil(seconds / most / 86_400) * 86_400;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
}

/**
 * Moves positions apart so that none is nearer to its neighbour than `gap`, as little as that takes; order and bounds
 * are kept.
 */
export function spread(positions: readonly number[], gap: number, most: number): number[] {
  const order = positions
    .map((position, index) => ({ position, index }))
    .sort((a, b) => a.position - b.position || a.index - b.index);
  order.forEach((each, rank) => {
    each.position = rank === 0 ? each.position : Math.max(each.position, order[rank - 1].position + gap);
  });
  for (let rank = order.length - 1, bound = most; rank >= 0; rank--, bound -= gap) {
    order[rank].position = Math.min(order[rank].position, bound);
  }
  const moved: number[] = [];
  order.forEach(({ position, index }) => (moved[index] = position));
  return moved;
}
