import { Findings, shown } from "./problem";
import { isKnown } from "./unknown";

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_RULE =
  "a DNS label is needed: lower-case letters, digits and '-', starting and ending with a letter or digit";

/** A DNS subdomain, as part of a regular expression: what most of Kubernetes' names are. */
export const SUBDOMAIN = "[a-z0-9]([-a-z0-9.]*[a-z0-9])?";

/** Whether the text is a DNS label as RFC 1123 has it: at most 63 characters of a–z, 0–9 and '-'. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}

/**
 * Checks a name that becomes a DNS label in Kubernetes or Istio (a namespace, a Service, a subset, part of a
 * Deployment's name).
 *
 * @param longest The most characters it may have; less than 63 where something is put before it.
 */
export function checkDnsLabel(value: unknown, findings: Findings, longest = 63): void {
  if (!isKnown(value)) {
    return;
  }
  if (findings.addNoText(value, LABEL_RULE)) {
    return;
  }
  if (typeof value !== "string" || !LABEL.test(value)) {
    findings.add(`is ${shown(value)}`, LABEL_RULE);
  } else if (value.length > longest) {
    findings.add(`is ${shown(value)}, ${value.length} characters long`, `at most ${longest} are allowed here`);
  }
}

/**
 * Checks a name that a Service gets. Kubernetes wants a letter at the start there (RFC 1035), and Istio wants one in a
 * Gateway's name.
 *
 * @param longest The most characters it may have.
 */
export function checkServiceName(value: unknown, findings: Findings, longest = 63): void {
  const before = findings.all().length;
  checkDnsLabel(value, findings, longest);
  if (findings.all().length === before && isKnown(value) && /^[0-9]/.test(value as string)) {
    findings.add(`is ${shown(value)}`, "the name of a Service is needed, which must start with a letter");
  }
}

/**
 * Checks a host name that clients use: `shop.example.com`, `*.example.com`, or `*` for any. Istio takes neither short
 * names nor numbers at the end.
 */
export function checkHost(value: unknown, findings: Findings): void {
  if (!isKnown(value) || value === "*") {
    return;
  }
  const labels = typeof value === "string" ? value.replace(/^\*\./, "").split(".") : [];
  if (labels.length === 0 || (value as string).length > 253 || !labels.every(isDnsLabel)) {
    findings.add(
      `is ${shown(value)}`,
      "a host name is needed, such as shop.example.com, *.example.com, or * for every host",
    );
  } else if (!(value as string).includes(".")) {
    findings.add(
      `is ${shown(value)}, without a dot`,
      "a whole host name is needed, such as shop.example.com: Istio takes no others at Gateways",
    );
  } else if (/^[0-9]+$/.test(labels[labels.length - 1]) && !isAddress((value as string).split("."))) {
    findings.add(
      `is ${shown(value)}, which ends with a number`,
      "a host name, or an IPv4 address such as 203.0.113.7, is needed",
    );
  }
}

/** Whether the parts between the dots are those of an IPv4 address. */
function isAddress(parts: readonly string[]): boolean {
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

/** Whether a host name is the other one, or stands for it with its `*`. */
export function takesIn(host: unknown, other: unknown): boolean {
  return (
    typeof host === "string" &&
    typeof other === "string" &&
    (host === other || (host.startsWith("*") && other.endsWith(host.slice(1))))
  );
}
