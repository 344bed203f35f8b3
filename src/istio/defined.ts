/** The data without fields that are undefined, however deep: Istio's objects may not have them. */
export function defined<T>(data: T): T {
  if (Array.isArray(data)) {
    return data.map(defined) as T;
  }
  if (typeof data !== "object" || data === null) {
    return data;
  }
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) => (value === undefined ? [] : [[name, defined(value)]])),
  ) as T;
}
