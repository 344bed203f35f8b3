/** Whether a version is older than another: `4.25.0` than `4.29.0`. Anything after a hyphen is ignored. */
export function isOlder(version: string, than: string): boolean {
  const parts = (text: string) =>
    text
      .replace(/[-+].*$/, "")
      .split(".")
      .map(Number);
  const [left, right] = [parts(version), parts(than)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at >= 0 && left[at] < right[at];
}
