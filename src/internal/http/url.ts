import type { Check } from "../../validation/shape";

/** A URL of HTTP or HTTPS. A wrong one is not shown: it may hold a secret. */
export const httpUrl: Check = (value, findings) => {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    findings.add(
      typeof value === "string" ? "is no URL of HTTP" : `is ${typeof value}`,
      "a URL that starts with http:// or https:// is needed",
    );
  }
};

/** A URL without what may be secret in it: user, password and query. */
export function shownUrl({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname.replace(/\/+$/, "")}`;
}
