import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import { ServiceProtocol } from "../istio/protocol";
import type { AppPort } from "../istio/servicePorts";
import { type Check, exactlyOneOf, list, required, shape } from "../validation/shape";
import { integer, oneOf, pattern, port, text } from "../validation/values";

/** A probe by an HTTP GET request, which succeeds with a status from 200 to 399. */
export interface HttpProbeArgs {
  /** The path, starting with `/`. Probe `httpGet.path`. */
  path: Input<string>;
  /**
   * The port, 1 to 65535. Probe `httpGet.port`.
   * @default the port that the pods listen on; of several, the first of protocol `http`, else the first
   */
  port?: Input<number>;
  /** `HTTP` or `HTTPS` (whose certificate is not checked). Probe `httpGet.scheme`. @default "HTTP" */
  scheme?: Input<string>;
}

/** A probe by a TCP connection, which succeeds if it is accepted. */
export interface TcpProbeArgs {
  /** The port, 1 to 65535. Probe `tcpSocket.port`. @default the port that the pods listen on; of several, the first */
  port?: Input<number>;
}

/** A probe by gRPC's health checking protocol. */
export interface GrpcProbeArgs {
  /**
   * The port, 1 to 65535. Probe `grpc.port`.
   * @default the port that the pods listen on; of several, the first of protocol `grpc`, else the first
   */
  port?: Input<number>;
  /** The service of the server that is checked. Probe `grpc.service`. @default the server as a whole */
  service?: Input<string>;
}

/** How Kubernetes checks a container; set exactly one of `http`, `tcp`, `grpc` and `exec`. */
export interface ProbeArgs {
  /** By an HTTP request. Probe `httpGet`. */
  http?: Input<HttpProbeArgs>;
  /** By a TCP connection. Probe `tcpSocket`. */
  tcp?: Input<TcpProbeArgs>;
  /** By gRPC's health checking protocol. Probe `grpc`. */
  grpc?: Input<GrpcProbeArgs>;
  /** By a command in the container, the program first; it succeeds if it exits with 0. Probe `exec.command`. */
  exec?: Input<Input<string>[]>;
  /**
   * The delay between the container's start and the first probe, in whole seconds from 0. Probe `initialDelaySeconds`.
   * @default 0
   */
  initialDelaySeconds?: Input<number>;
  /** The interval between probes, in whole seconds from 1. Probe `periodSeconds`. @default 10 */
  periodSeconds?: Input<number>;
  /** How long a response may take, in whole seconds from 1. Probe `timeoutSeconds`. @default 1 */
  timeoutSeconds?: Input<number>;
  /**
   * How many consecutive successes make a failing container healthy, from 1; for liveness and startup only 1. Probe
   * `successThreshold`.
   * @default 1
   */
  successThreshold?: Input<number>;
  /** How many consecutive failures make a container fail, from 1. Probe `failureThreshold`. @default 3 */
  failureThreshold?: Input<number>;
}

const LONGEST = 2 ** 31 - 1;
const seconds = (least: number) => integer(least, LONGEST, `a whole number of seconds, ${least} or more,`);
const answers = integer(1, LONGEST, "a whole number of answers, 1 or more,");
const once = integer(1, 1, "1, which is all that Kubernetes allows for this probe,");

/** The check of a probe. `repeated` tells whether more than one success may be required: only for readiness. */
export function probeCheck(repeated: boolean): Check {
  return shape<Plain<ProbeArgs>>(
    {
      http: shape({
        path: required(pattern(/^\//, "a path that starts with /"), "a path"),
        port,
        scheme: oneOf(["HTTP", "HTTPS"]),
      }),
      tcp: shape({ port }),
      grpc: shape({ port, service: text("a service's name") }),
      exec: list(text("a text"), "a list of texts, the program first,", 1),
      initialDelaySeconds: seconds(0),
      periodSeconds: seconds(1),
      timeoutSeconds: seconds(1),
      successThreshold: repeated ? answers : once,
      failureThreshold: answers,
    },
    exactlyOneOf("http", "tcp", "grpc", "exec"),
  );
}

/** A port that pods listen on. */
export type PodPort = Pick<AppPort, "name" | "targetPort" | "protocol">;

/** Kubernetes' `Probe`. `ports` are the ports that the pods listen on, at least one. */
export function renderProbe({ http, tcp, grpc, exec, ...times }: Plain<ProbeArgs>, ports: readonly PodPort[]): object {
  const portOf = (spoken: ServiceProtocol) =>
    (ports.find(({ protocol }) => protocol === spoken) ?? ports[0]).targetPort;
  return {
    ...(http && { httpGet: { ...http, port: http.port ?? portOf(ServiceProtocol.Http) } }),
    ...(tcp && { tcpSocket: { port: tcp.port ?? ports[0].targetPort } }),
    ...(grpc && { grpc: { ...grpc, port: grpc.port ?? portOf(ServiceProtocol.Grpc) } }),
    ...(exec && { exec: { command: exec } }),
    ...times,
  };
}
