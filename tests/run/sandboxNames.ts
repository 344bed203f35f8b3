/** A sandbox's name is part of names of network devices, which have no more room. */
const LONGEST = 10;

/**
 * The names of so many sandboxes of a run: the one given, and others that begin as it does, as far as there is room.
 */
export function sandboxNames(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const end = index === 0 ? "" : `-${index + 1}`;
    return `${first.slice(0, LONGEST - end.length)}${end}`.replace("--", "-");
  });
}
