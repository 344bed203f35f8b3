/** Seconds as tables and plots have them. */
export function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
