/** So many of so many. */
export interface Proportion {
  hits: number;
  of: number;
}

/** The bounds between which a figure lies with a stated confidence. */
export interface Interval {
  low: number;
  high: number;
}

/** The observed share; 0 if nothing was observed. */
export function shareOf({ hits, of }: Proportion): number {
  return of > 0 ? hits / of : 0;
}
