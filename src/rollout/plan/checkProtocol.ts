import { isObject } from "../../internal/objects";
import { routesKind, ServiceProtocol } from "../../istio/protocol";
import type { Findings } from "../../validation/problem";
import type { GateDefinition } from "../gates/gate";
import { needsRequests } from "../gates/kinds";

/**
 * Records the gates that would never be decided, because proxies count nothing for them: of an app whose connections
 * are shared, no requests and no answers.
 *
 * @param gates A rollout's gates, sound or not.
 * @param service The app's argument `service`, sound or not; undefined where it is not known.
 * @param findings Its path is where the gates stand.
 */
export function checkProtocol(gates: unknown, service: unknown, findings: Findings): void {
  const protocol = Object.values(ServiceProtocol).find((each) => isObject(service) && service.protocol === each);
  if (protocol === undefined || routesKind(protocol) === "http" || !Array.isArray(gates)) {
    return;
  }
  gates.forEach((gate: Partial<GateDefinition> | null, index) => {
    if (isObject(gate) && needsRequests(gate)) {
      findings
        .field(index)
        .field("kind")
        .add(
          `is ${gate.kind}, and service.protocol is ${protocol}`,
          "proxies count no requests on such connections, so this gate would never pass: use kind promql (e.g. on istio_tcp_connections_closed_total), webhook or approval",
        );
    }
  });
}
