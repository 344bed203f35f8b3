/** How names are sorted: v2 before v10. */
export function inOrder(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
