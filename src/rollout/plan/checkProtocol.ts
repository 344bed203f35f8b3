import { isObject } from "../../internal/objects";
import type { Plain } from "../../istio/plain";
import { hasRoutesOf, routesKind, spokenInWords } from "../../istio/protocol";
import { type ServiceArgs, appPorts, serviceCheck, spokenOf } from "../../istio/servicePorts";
import { Findings } from "../../validation/problem";
import type { GateDefinition } from "../gates/gate";
import { needsRequests } from "../gates/kinds";

/**
 * Records the gates that would never be decided, because proxies count nothing for them: of an app whose connections
 * are shared, no requests and no answers.
 *
 * @param gates A rollout's gates, sound or not.
 * @param service The app's argument `service`, sound or not; undefined where it is not known.
 * @param findings Its path is where the gates stand.
 * @param app Another app of the rollout, by its name, whose gates and `service` these are. @default the rollout's own
 * @param isOfApp Whether a gate that judges requests judges those of this app. @default if it names no other one
 */
export function checkProtocol(
  gates: unknown,
  service: unknown,
  findings: Findings,
  app?: string,
  isOfApp: (gate: Partial<GateDefinition>) => boolean = (gate) => gate.app === app,
): void {
  const spoken = spokenOf(service);
  if (spoken === undefined || hasRoutesOf(spoken, "http") || !Array.isArray(gates)) {
    return;
  }
  gates.forEach((gate: Partial<GateDefinition> | null, index) => {
    if (isObject(gate) && needsRequests(gate) && isOfApp(gate)) {
      findings
        .field(index)
        .field("kind")
        .add(
          `is ${gate.kind}, and ${app === undefined ? "" : `in the config of ${app} `}${spokenInWords(spoken)}`,
          "proxies count no requests on such connections, so this gate would never pass: use kind promql (e.g. on istio_tcp_connections_closed_total), webhook or approval",
        );
    }
  });
}

/**
 * Records a port whose requests are to be counted, and that has none.
 *
 * @param source Where a rollout's metrics come from, sound or not.
 * @param service As for {@link checkProtocol}.
 * @param findings Its path is where the source stands.
 * @param app Another app of the rollout, by its name, whose `service` it is. @default the rollout's own
 */
export function checkSourcePort(source: unknown, service: unknown, findings: Findings, app?: string): void {
  const counted = isObject(source) ? source.port : undefined;
  const wrong = Findings.at();
  serviceCheck(service, wrong);
  if (typeof counted !== "number" || !isObject(service) || wrong.all().length > 0) {
    return;
  }
  const ports = appPorts(service as Plain<ServiceArgs>);
  const whose = app === undefined ? "" : ` of ${app}`;
  const found = ports.find(({ port }) => port === counted);
  if (found === undefined) {
    const numbers = ports.map(({ port }) => port).join(" and ");
    findings.field("port").add(`is ${counted}, and the Service${whose} has ${numbers}`, "one of its ports is needed");
  } else if (routesKind(found.protocol) !== "http") {
    findings
      .field("port")
      .add(
        `is ${counted}, whose protocol${app === undefined ? "" : ` in the Service of ${app}`} is ${found.protocol}`,
        "proxies count no requests on such connections: name a port that speaks HTTP, or leave it out",
      );
  }
}
