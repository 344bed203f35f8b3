import type { Input } from "@pulumi/pulumi";
import { isObject } from "../internal/objects";
import { type Findings, shown } from "../validation/problem";
import { type Check, list, plain, required, setOf, shape } from "../validation/shape";
import { isKnown } from "../validation/unknown";
import { oneOf, pattern, port } from "../validation/values";
import type { Plain } from "./plain";
import { ServiceProtocol, type Spoken, routesKind } from "./protocol";

/** One of several ports of an app. */
export interface ServicePortArgs {
  /**
   * Its name, unique among the app's ports: at most 15 lower-case letters, digits and '-', with at least one letter.
   * Container `ports[].name`, and followed by the port's number Service `spec.ports[].name`.
   */
  name: string;
  /** The port that callers use, 1 to 65535. Service `spec.ports[].port`. */
  port: Input<number>;
  /**
   * The port that the pods listen on, 1 to 65535. Container `ports[].containerPort` and Service
   * `spec.ports[].targetPort`.
   * @default the same as `port`
   */
  targetPort?: Input<number>;
  /**
   * The protocol: `http`, `http2`, `grpc`, `tcp`, `tls`. Service `spec.ports[].appProtocol`, and the kind of
   * VirtualService routes.
   * @default "http"
   */
  protocol?: ServiceProtocol;
}

/** The Service that represents all versions: one port, or several in `ports`. */
export interface ServiceArgs {
  /**
   * The port that callers use. When it changes, the Service is updated shortly before the routes: requests in the
   * tenths of a second between get 503. Service `spec.ports[0].port`, whose name contains it.
   * @default 80
   */
  port?: Input<number>;
  /**
   * The port that the pods listen on. It can change under load if all versions are given by `image`, without
   * `containerExtra`; otherwise requests fail until the last pod with the old port is gone. Service
   * `spec.ports[0].targetPort`: the pods' port by its name if it can change, by its number otherwise.
   * @default 8080
   */
  targetPort?: Input<number>;
  /**
   * What the app speaks: `http`, `http2`, `grpc`, `tcp`, `tls`. Service `spec.ports[0].appProtocol`, and the kind of
   * VirtualService routes.
   * @default "http"
   */
  protocol?: ServiceProtocol;
  /**
   * Several ports, instead of `port`, `targetPort` and `protocol`. All of them are shared among the versions by the
   * same weights, which change in one update. Requests through a gateway's server go to the port with the server's
   * number, or else to the first one that accepts what the server's clients speak, unless a route's `port` says
   * otherwise. Service `spec.ports`, and a route of the VirtualService for each.
   * @default one port
   */
  ports?: ServicePortArgs[];
}

/** One port of an app, with its defaults. */
export interface AppPort {
  /** The name of the pods' port. */
  name: string;
  /** The port that callers use. */
  port: number;
  /** The port that the pods listen on. */
  targetPort: number;
  /** The protocol. */
  protocol: ServiceProtocol;
}

/** The name of the port of an app that has just one. */
export const ONLY_PORT = "http";

/** The default port of an app. */
export const DEFAULT_PORT: AppPort = { name: ONLY_PORT, port: 80, targetPort: 8080, protocol: ServiceProtocol.Http };

/** Kubernetes' rule for the name of a container's port. */
const portName = pattern(
  /^(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  "a name of at most 15 lower-case letters, digits and '-', with a letter among them and no two '-' in a row,",
);

const protocol = plain(oneOf(Object.values(ServiceProtocol)));

const eachPort = plain(
  list(
    plain(
      shape<Plain<ServicePortArgs>>({
        name: required(plain(portName), "a name"),
        port: required(port, "a port from 1 to 65535"),
        targetPort: port,
        protocol,
      }),
    ),
    "a list of ports",
    1,
  ),
);

const ports: Check = plain((value, findings) => {
  const before = findings.all().length;
  eachPort(value, findings);
  if (findings.all().length === before) {
    checkApart(value as Plain<ServicePortArgs>[], findings);
  }
});

/** Records ports that cannot exist beside each other in a Service or a pod. */
function checkApart(given: readonly Plain<ServicePortArgs>[], findings: Findings): void {
  given.forEach((each, index) => {
    for (const field of ["name", "port"] as const) {
      const first = given.findIndex((other) => isKnown(other[field]) && other[field] === each[field]);
      if (first >= 0 && first !== index) {
        findings
          .field(index)
          .field(field)
          .add(`is ${shown(each[field])}, as in ports[${first}]`, `every port needs a ${field} of its own`);
      }
    }
    const target = targetOf(each);
    const first = given.findIndex((other) => isKnown(target) && targetOf(other) === target);
    if (first >= 0 && first !== index && spokenAt(each) !== spokenAt(given[first])) {
      findings
        .field(index)
        .field("protocol")
        .add(
          `is ${spokenAt(each)}, and that of ports[${first}] ${spokenAt(given[first])}`,
          `both lead to the pods' port ${target}, which speaks one of them`,
        );
    }
  });
}

function targetOf({ port: number, targetPort = number }: Plain<ServicePortArgs>): number {
  return targetPort;
}

function spokenAt({ protocol: given = ServiceProtocol.Http }: Plain<ServicePortArgs>): ServiceProtocol {
  return given;
}

/** The arguments for a single port. */
const SHORT = ["port", "targetPort", "protocol"];

/** The check of an app's Service. */
export const serviceCheck: Check = shape<Plain<ServiceArgs>>(
  { port, targetPort: port, protocol, ports },
  (given, findings) => {
    const short = given.ports === undefined ? [] : setOf(given, SHORT);
    if (short.length > 0) {
      findings
        .field("ports")
        .add(
          `is set beside ${short.join(" and ")}`,
          "port, targetPort and protocol are for one port, ports for several: set one form only",
        );
    }
  },
);

/** The ports of a valid Service, in their order; at least one. */
export function appPorts({ ports: several, ...only }: Plain<ServiceArgs> = {}): AppPort[] {
  if (several === undefined) {
    const { port: number = DEFAULT_PORT.port, targetPort = DEFAULT_PORT.targetPort } = only;
    return [{ name: ONLY_PORT, port: number, targetPort, protocol: only.protocol ?? DEFAULT_PORT.protocol }];
  }
  return several.map((each) => ({
    name: each.name,
    port: each.port,
    targetPort: targetOf(each),
    protocol: spokenAt(each),
  }));
}

/** The numbers by which callers call an app's ports. */
export function portNumbers(given: readonly Pick<AppPort, "port">[]): number[] {
  return given.map(({ port: number }) => number);
}

/** What an app speaks by default. */
export const SPOKEN_BY_DEFAULT: Spoken = { protocols: [ServiceProtocol.Http], listed: false };

/** What an app speaks, according to its Service's arguments; undefined if they are invalid. */
export function spokenOf(service: unknown): Spoken | undefined {
  if (service !== undefined && !isObject(service)) {
    return undefined;
  }
  const { ports: several, protocol: only = ServiceProtocol.Http } = (service ?? {}) as Record<string, unknown>;
  const listed = several !== undefined;
  const spoken: unknown[] = !listed
    ? [only]
    : Array.isArray(several)
      ? Array.from<unknown>(several).map((each) => (isObject(each) ? (each.protocol ?? ServiceProtocol.Http) : each))
      : [];
  return spoken.length > 0 && spoken.every(isProtocol) ? { protocols: spoken as ServiceProtocol[], listed } : undefined;
}

/**
 * The names of an app's ports that speak HTTP, if it has a list of ports; [] if it has one port without a name;
 * undefined if they are invalid.
 */
export function namedHttpPorts(service: unknown): string[] | undefined {
  const spoken = spokenOf(service);
  if (spoken === undefined || !spoken.listed) {
    return spoken && [];
  }
  const names = (service as { ports: { name?: unknown }[] }).ports.map(({ name }) => name);
  return names.every((name) => typeof name === "string")
    ? (names as string[]).filter((_, index) => routesKind(spoken.protocols[index]) === "http")
    : undefined;
}

function isProtocol(value: unknown): value is ServiceProtocol {
  return (Object.values(ServiceProtocol) as unknown[]).includes(value);
}
