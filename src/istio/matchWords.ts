/** An object in a VirtualService, with any fields. */
type Inputs = Readonly<Record<string, any>>;

/**
 * A description of the requests that a route of a VirtualService takes.
 *
 * @param all The description of a route that takes all of them; `every connection` for routes of connections.
 */
export function inWords({ match }: Inputs, all = "every request"): string {
  const conditions = Array.isArray(match) ? match.map(condition) : [];
  return conditions.length === 0 || conditions.includes("") ? all : conditions.join(" or ");
}

const FIELDS: Readonly<Record<string, (value: any) => string[]>> = {
  uri: (value) => [`path ${text(value)}`],
  ignoreUriCase: (value) => (value ? ["in any case"] : []),
  scheme: (value) => [`scheme ${text(value)}`],
  method: (value) => [`method ${text(value)}`],
  authority: (value) => [`host ${text(value)}`],
  port: (value) => [`port ${value}`],
  headers: (value) => byName("header", value),
  withoutHeaders: (value) => byName("without header", value),
  queryParams: (value) => byName("query", value),
  sourceLabels: (value) => byName("caller's label", value),
  sourceNamespace: (value) => [`from namespace ${value}`],
  sourceSubnet: (value) => [`from ${value}`],
  destinationSubnets: (value) => [`to ${[value].flat().join(", ")}`],
  sniHosts: (value) => [`TLS to ${[value].flat().join(", ")}`],
  gateways: (value) => [`through ${[value].flat().join(", ")}`],
};

/** All conditions of one match; a field that is not known here is printed as it is, never omitted. */
function condition(match: unknown): string {
  const fields = Object.entries((match ?? {}) as Inputs).filter(
    ([field]) => field !== "name" && field !== "statPrefix",
  );
  return fields.flatMap(([field, value]) => FIELDS[field]?.(value) ?? [`${field} ${JSON.stringify(value)}`]).join(", ");
}

function byName(what: string, value: unknown): string[] {
  return Object.entries((value ?? {}) as Inputs).map(
    ([name, given]) => `${what} ${name}${text(given) && ` ${text(given)}`}`,
  );
}

/** A StringMatch of Istio; an empty one only checks for presence. */
function text(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return value === undefined || value === null ? "" : String(value);
  }
  const { exact, prefix, regex } = value as Inputs;
  return exact !== undefined
    ? String(exact)
    : prefix !== undefined
      ? `${prefix}*`
      : regex !== undefined
        ? `~ ${regex}`
        : "";
}
