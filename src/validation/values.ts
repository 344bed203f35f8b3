import { checkDnsLabel, checkHost, checkServiceName } from "./names";
import { checkDuration, checkInteger, checkPort } from "./numbers";
import { shown } from "./problem";
import type { Check } from "./shape";

/** A text that is not empty. `what` describes it, e.g. "a path". */
export function text(what: string): Check {
  return (value, findings) => {
    if ((typeof value !== "string" || value.trim() === "") && !findings.addNoText(value, `${what} is needed`)) {
      findings.add(`is ${shown(value)}`, `${what} is needed`);
    }
  };
}

/** A text of a certain form, which `what` describes. */
export function pattern(form: RegExp, what: string): Check {
  return (value, findings) => {
    const isSound = typeof value === "string" && form.test(value);
    if (!isSound && !findings.addNoText(value, `${what} is needed`)) {
      findings.add(`is ${shown(value)}`, `${what} is needed`);
    }
  };
}

/** True or false. A text such as "false" would count as true, so it is refused. */
export const flag: Check = (value, findings) => {
  if (typeof value !== "boolean") {
    findings.add(`is ${shown(value)}`, "true or false is needed, without quotes");
  }
};

/**
 * A whole number between two bounds, both allowed. `what` says it to a person, e.g. "a number of retries from 0 to
 * 100".
 */
export function integer(lowest: number, highest: number, what: string): Check {
  return (value, findings) => checkInteger(value, findings, lowest, highest, what);
}

/** A number, whole or not, between two bounds, both allowed. */
export function amount(lowest: number, highest: number, what: string): Check {
  return (value, findings) => {
    if (typeof value !== "number" || !(value >= lowest && value <= highest)) {
      findings.add(`is ${shown(value)}`, `${what} is needed`);
    }
  };
}

/** A share in percent from 0 to 100; fractions are allowed. */
export const percentage: Check = amount(0, 100, "a number of percents from 0 to 100");

/** A duration of at least 1 ms as Istio writes it, e.g. `1.5s`. */
export const duration: Check = checkDuration;

/** A TCP port. */
export const port: Check = checkPort;

/** A DNS label of at most so many characters. */
export function dnsLabel(longest = 63): Check {
  return (value, findings) => checkDnsLabel(value, findings, longest);
}

/** The name of a Service of at most so many characters: a DNS label that starts with a letter. */
export function serviceName(longest = 63): Check {
  return (value, findings) => checkServiceName(value, findings, longest);
}

/** A host name: `shop.example.com`, `*.example.com`, or `*` for any. */
export const host: Check = checkHost;

/** One of some texts. */
export function oneOf(values: readonly string[]): Check {
  return (value, findings) => {
    if (!values.includes(value as string)) {
      findings.add(`is ${shown(value)}`, `one of ${values.join(", ")} is needed`);
    }
  };
}

/** Anything; for fields that are passed through as they are. */
export const anything: Check = () => undefined;

/** Fields that are passed through to an object of Istio's or Kubernetes', as it spells them. */
export const extraFields: Check = (value, findings) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    findings.add(`is ${shown(value)}`, "an object of fields as the API spells them is needed");
  }
};
