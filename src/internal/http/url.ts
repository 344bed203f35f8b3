import type { Check } from "../../validation/shape";

/** An HTTP(S) URL. A wrong one is not shown: it may hold a secret. */
export const httpUrl: Check = (value, findings) => {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    findings.add(
      typeof value === "string" ? "is not an HTTP(S) URL" : `is ${typeof value}`,
      "a URL that starts with http:// or https:// is needed",
    );
  }
};

/** A URL without what may be secret in it: user, password and query. */
export function shownUrl({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname.replace(/\/+$/, "")}`;
}
