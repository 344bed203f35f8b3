import type { Input } from "@pulumi/pulumi";
import { TOKEN } from "../../validation/httpHeaders";
import { Findings, shown } from "../../validation/problem";
import { type Check, atMostOneOf, exactlyOneOf, list, required, shape } from "../../validation/shape";
import type { Plain } from "../plain";
import { isKnown } from "../../validation/unknown";
import { flag, integer, pattern, text } from "../../validation/values";
import { timeout } from "./numbers";

/** One attribute of the cookie that the proxy sets. */
export interface CookieAttributeArgs {
  /** Its name, e.g. `SameSite`; each at most once. DestinationRule `consistentHash.httpCookie.attributes[].name`. */
  name: Input<string>;
  /**
   * Its value, e.g. `Strict`. DestinationRule `consistentHash.httpCookie.attributes[].value`.
   * @default none, for an attribute without value, such as `Secure`
   */
  value?: Input<string>;
}

/** The cookie that tells which pod a caller belongs to. */
export interface HashCookieArgs {
  /** Its name. DestinationRule `consistentHash.httpCookie.name`. */
  name: Input<string>;
  /** The path that it is set for. DestinationRule `consistentHash.httpCookie.path`. @default the request's */
  path?: Input<string>;
  /**
   * For how long the proxy sets it if a request comes without it, e.g. `1h`; `0s` until the browser is closed.
   * DestinationRule `consistentHash.httpCookie.ttl`.
   * @default it is never set, only read: a request without it goes to any pod
   */
  ttl?: Input<string>;
  /** More attributes of the cookie. DestinationRule `consistentHash.httpCookie.attributes`. @default none */
  attributes?: Input<Input<CookieAttributeArgs>[]>;
}

/** A hash ring: few callers change their pod when pods are added or removed. */
export interface RingHashArgs {
  /**
   * The minimum number of places on the ring, from 1 to 8388608; more of them spread callers more evenly and cost
   * memory. DestinationRule `consistentHash.ringHash.minimumRingSize`.
   * @default 1024
   */
  minimumRingSize?: Input<number>;
}

/** Maglev: faster than a ring and more even, but more callers change their pod when pods are added or removed. */
export interface MaglevArgs {
  /**
   * The number of places in its table: a prime number below 5000011, well above the number of pods. DestinationRule
   * `consistentHash.maglev.tableSize`.
   */
  tableSize: Input<number>;
}

/**
 * The attribute of a request that selects its pod, so that the same caller gets the same pod as long as the version's
 * pods stay the same. Set exactly one of `httpHeaderName`, `httpCookie`, `useSourceIp` and `httpQueryParameterName`.
 * The hash works among the pods of one version: if versions share traffic by weights, the version is chosen anew for
 * every request. Versions that share a route have to hash by the same attribute, because Envoy selects pods by all of a
 * route's hash policies together.
 */
export interface ConsistentHashArgs {
  /** A request header. Requests without it go to any pod. DestinationRule `consistentHash.httpHeaderName`. */
  httpHeaderName?: Input<string>;
  /** A cookie. DestinationRule `consistentHash.httpCookie`. */
  httpCookie?: Input<HashCookieArgs>;
  /** The caller's IP address, as the proxy sees it; `true` or omitted. DestinationRule `consistentHash.useSourceIp`. */
  useSourceIp?: Input<boolean>;
  /** A query parameter. Requests without it go to any pod. DestinationRule `consistentHash.httpQueryParameterName`. */
  httpQueryParameterName?: Input<string>;
  /**
   * Select pods on a hash ring; set this or `maglev`. DestinationRule `consistentHash.ringHash`.
   * @default a ring of at least 1024 places
   */
  ringHash?: Input<RingHashArgs>;
  /** Select pods by Maglev; set this or `ringHash`. DestinationRule `consistentHash.maglev`. */
  maglev?: Input<MaglevArgs>;
}

/** Envoy's bounds: it would refuse the whole update that contains a value beyond them. */
const LARGEST_RING = 8_388_608;
const LARGEST_TABLE = 5_000_010;

const cookie = shape<Plain<HashCookieArgs>>(
  {
    name: required(pattern(TOKEN, "a cookie's name, without spaces, '=' or ';',"), "a cookie's name"),
    path: pattern(/^\/[^;\s]*$/, "a path that starts with /"),
    ttl: timeout,
    attributes: list(
      shape({
        name: required(pattern(TOKEN, "an attribute's name, without spaces, '=' or ';',"), "an attribute's name"),
        value: pattern(/^[^;\p{Cc}]*$/u, "a text without ';'"),
      }),
      "a list of attributes",
    ),
  },
  attributesOnce,
);

/** Checks a consistent hash. */
export const consistentHash: Check = shape<Plain<ConsistentHashArgs>>(
  {
    httpHeaderName: pattern(TOKEN, "a header's name, without spaces or colons,"),
    httpCookie: cookie,
    useSourceIp: sourceAddress,
    httpQueryParameterName: text("the name of a parameter of the query"),
    ringHash: shape({ minimumRingSize: integer(1, LARGEST_RING, `a whole number from 1 to ${LARGEST_RING}`) }),
    maglev: shape({ tableSize: required(primeTableSize, "a prime number below 5000011") }),
  },
  exactlyOneOf("httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"),
  atMostOneOf("ringHash", "maglev"),
);

function sourceAddress(value: unknown, findings: Findings): void {
  if (value === false) {
    findings.add("is false", "true is needed; leave it out otherwise");
  } else {
    flag(value, findings);
  }
}

function primeTableSize(value: unknown, findings: Findings): void {
  if (typeof value !== "number" || !Number.isInteger(value) || value > LARGEST_TABLE || !isPrime(value)) {
    findings.add(`is ${shown(value)}`, "a prime number below 5000011 is needed, e.g. 65537");
  }
}

/** For numbers up to {@link LARGEST_TABLE}, for which trying all factors takes a thousand steps. */
function isPrime(number: number): boolean {
  if (number < 2 || (number > 2 && number % 2 === 0)) {
    return false;
  }
  for (let factor = 3; factor * factor <= number; factor += 2) {
    if (number % factor === 0) {
      return false;
    }
  }
  return true;
}

function attributesOnce({ attributes }: Plain<HashCookieArgs>, findings: Findings): void {
  const names = Array.isArray(attributes)
    ? attributes.map((attribute) => (isKnown(attribute) ? attribute.name : undefined))
    : [];
  names.forEach((name, index) => {
    const first = names.indexOf(name);
    if (typeof name === "string" && first !== index) {
      findings
        .field("attributes")
        .field(index)
        .field("name")
        .add(`is ${shown(name)}, as in attributes[${first}]`, "an attribute may occur only once");
    }
  });
}
