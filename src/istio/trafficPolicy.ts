import type { Input } from "@pulumi/pulumi";
import { omitUndefined } from "../internal/objects";
import type { Plain } from "./plain";
import { type ClientTlsArgs, TlsMode, clientTls } from "./policy/clientTls";
import { type ConnectionPoolArgs, connectionPool } from "./policy/connectionPool";
import {
  type LoadBalancingArgs,
  loadBalancingFields,
  loadBalancingRules,
  renderLoadBalancing,
} from "./policy/loadBalancing";
import { type OutlierDetectionArgs, outlierDetection } from "./policy/outlierDetection";
import { type RetryBudgetArgs, retryBudget } from "./policy/retryBudget";
import { Findings, shown } from "../validation/problem";
import { type Check, atLeastOneOf, list, required, setOf, shape } from "../validation/shape";
import { isKnown } from "../validation/unknown";
import { extraFields, port } from "../validation/values";

/** How callers treat a destination, on any port. */
export interface DestinationPolicyArgs extends LoadBalancingArgs {
  /**
   * How many connections and requests may be open. DestinationRule `trafficPolicy.connectionPool`.
   * @default Istio's, practically no limit
   */
  connectionPool?: Input<ConnectionPoolArgs>;
  /**
   * When a failing pod gets no more requests for a while. DestinationRule `trafficPolicy.outlierDetection`.
   * @default never
   */
  outlierDetection?: Input<OutlierDetectionArgs>;
  /**
   * How requests are encrypted. DestinationRule `trafficPolicy.tls`.
   * @default detected by Istio, which is best for pods of the mesh
   */
  tls?: Input<ClientTlsArgs>;
}

/**
 * How callers treat one port of a destination. Nothing is inherited: on this port, the policy around it is ignored, and
 * fields that are omitted here have Istio's defaults.
 */
export interface PortTrafficPolicyArgs extends DestinationPolicyArgs {
  /** The port of the Service, not of the pods. DestinationRule `trafficPolicy.portLevelSettings[].port.number`. */
  port: Input<number>;
}

/**
 * How callers treat a destination. A version's own policy is merged with the service's block by block: each of the load
 * balancing (`loadBalancer`, `consistentHash`, `localityLbSetting` and `warmup` together), `connectionPool`,
 * `outlierDetection`, `tls` and `retryBudget` that the version sets takes the place of the service's whole block; a
 * block that it leaves out is the service's. A version's `portLevelSettings` for the port take the place of the first
 * four blocks, set or not.
 */
export interface TrafficPolicyArgs extends DestinationPolicyArgs {
  /** Other policies for some ports, each port once. DestinationRule `trafficPolicy.portLevelSettings`. @default none */
  portLevelSettings?: Input<Input<PortTrafficPolicyArgs>[]>;
  /**
   * How many retries may be in progress. DestinationRule `trafficPolicy.retryBudget`.
   * @default `connectionPool.http.maxRetries` alone
   */
  retryBudget?: Input<RetryBudgetArgs>;
  /**
   * Fields of Istio's `trafficPolicy` that have no argument here, such as `tunnel`, as Istio spells them. A block here
   * replaces the whole block of ours.
   */
  extra?: any;
}

const BLOCKS: Readonly<Record<keyof DestinationPolicyArgs, Check>> = {
  ...loadBalancingFields,
  connectionPool,
  outlierDetection,
  tls: clientTls,
};

const portPolicy = shape<Plain<PortTrafficPolicyArgs>>(
  { port: required(port, "a port from 1 to 65535"), ...BLOCKS },
  atLeastOneOf(...Object.keys(BLOCKS)),
  ...loadBalancingRules,
);

/** Istio's limit for the list. */
const MOST_PORTS = 4096;

const policy = shape<Plain<TrafficPolicyArgs>>(
  { ...BLOCKS, portLevelSettings: portPolicies, retryBudget, extra: extraFields },
  notEmpty,
  ...loadBalancingRules,
);

/** Records what is wrong with a policy. */
export function checkTrafficPolicy(given: unknown, findings: Findings): void {
  policy(given, findings);
}

function portPolicies(value: unknown, findings: Findings): void {
  list(portPolicy, "a list of policies by port", 1)(value, findings);
  if (!Array.isArray(value)) {
    return;
  }
  if (value.length > MOST_PORTS) {
    findings.add(`has ${value.length} elements`, `at most ${MOST_PORTS} are allowed`);
  }
  const ports = value.map((each) =>
    typeof each === "object" && each !== null ? (each as { port?: unknown }).port : undefined,
  );
  ports.forEach((number, index) => {
    const first = ports.indexOf(number);
    if (typeof number === "number" && first !== index) {
      findings
        .field(index)
        .field("port")
        .add(
          `is ${shown(number)}, as in portLevelSettings[${first}]`,
          "each port may occur only once: Istio would ignore this one",
        );
    }
  });
}

function notEmpty(value: Plain<TrafficPolicyArgs>, findings: Findings): void {
  const { extra } = value;
  const says = setOf(value, [...Object.keys(BLOCKS), "portLevelSettings", "retryBudget"]).length > 0;
  if (!says && (extra === undefined || (isKnown(extra) && Object.keys(extra).length === 0))) {
    findings.add("is empty", "set a field of it, or leave it out (Istio refuses an empty policy)");
  }
}

/** Istio's `trafficPolicy`. */
export function renderTrafficPolicy(given: Plain<TrafficPolicyArgs>): Record<string, unknown> {
  const { portLevelSettings, retryBudget: budget, extra } = given;
  const ports = portLevelSettings?.map(({ port: number, ...rest }) => ({ port: { number }, ...renderBlocks(rest) }));
  const ours = omitUndefined({ ...renderBlocks(given), portLevelSettings: ports, retryBudget: budget });
  return { ...ours, ...(extra as object | undefined) };
}

function renderBlocks(given: Plain<DestinationPolicyArgs>): Record<string, unknown> {
  const { connectionPool: pool, outlierDetection: outliers, tls } = given;
  return { loadBalancer: renderLoadBalancing(given), connectionPool: pool, outlierDetection: outliers, tls };
}

/**
 * The TLS mode in which callers speak to a port of the destination by this policy alone; undefined if Istio detects it.
 * A version's mode takes precedence over the service's, which applies if the version's policy sets none.
 *
 * @param given A valid policy, or none.
 * @param servicePort The Service's port; settings for that port replace the policy around them.
 */
export function tlsModeOf(given: Plain<TrafficPolicyArgs> | undefined, servicePort?: number): TlsMode | undefined {
  if (given === undefined) {
    return undefined;
  }
  const { portLevelSettings, tls } = renderTrafficPolicy(given) as RenderedTls;
  const own = Array.isArray(portLevelSettings)
    ? portLevelSettings.find((each) => each?.port?.number === servicePort)
    : undefined;
  return own === undefined ? tls?.mode : own.tls?.mode;
}

/** The parts of Istio's `trafficPolicy` that decide how requests are encrypted. */
interface RenderedTls {
  portLevelSettings?: { port?: { number?: number }; tls?: { mode?: TlsMode } }[];
  tls?: { mode?: TlsMode };
}
