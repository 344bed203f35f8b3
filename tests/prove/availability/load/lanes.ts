/**
 * Where requests are sent from: this machine, through the ingress gateway, or a pod of the mesh, through its sidecar.
 */
export type Origin = "gateway" | "sidecar";

/** One way of sending requests. All ways are used at the same time, each for its share of the requests. */
export interface Lane {
  name: string;
  from: Origin;
  /** fortio's options besides the URL and the rate. */
  options: Readonly<Record<string, string>>;
}

/** How many requests are sent over each connection. */
const NEW_CONNECTIONS = { "connection-reuse": "1:1" };
const HTTP2 = { h2: "on", stdclient: "on" };

const WAYS: readonly [name: string, options: Readonly<Record<string, string>>][] = [
  ["HTTP/1.1, connections kept", {}],
  ["HTTP/1.1, a connection for each", NEW_CONNECTIONS],
  ["HTTP/2", HTTP2],
];

/** Every way from every origin. */
export const LANES: readonly Lane[] = (["gateway", "sidecar"] as const).flatMap((from) =>
  WAYS.map(([way, options]) => ({ name: `${from}, ${way}`, from, options })),
);
