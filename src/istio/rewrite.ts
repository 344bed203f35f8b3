import type { Input } from "@pulumi/pulumi";
import { omitUndefined } from "../internal/objects";
import { shown } from "../validation/problem";
import { regex } from "../validation/regex";
import { type Check, type Rule, atLeastOneOf, atMostOneOf, required, shape } from "../validation/shape";
import { text } from "../validation/values";
import type { Plain } from "./plain";

/** A part of the path that is found by a regular expression and replaced. */
export interface RegexRewriteArgs {
  /**
   * What is replaced, wherever it occurs in the path: a regular expression (RE2 syntax). VirtualService
   * `http[].rewrite.uriRegexRewrite.match`.
   */
  match: Input<string>;
  /**
   * The replacement; `\1` stands for what the first group matched. VirtualService
   * `http[].rewrite.uriRegexRewrite.rewrite`.
   */
  rewrite: Input<string>;
}

/** How a request is changed before it is forwarded. */
export interface RewriteArgs {
  /**
   * Replaces the matched path or, with a prefix match, only the prefix: `/v2` with `/` turns `/v2/a` into `//a`, so
   * match `/v2/` as well, or use `uriRegexRewrite`. Set this or `uriRegexRewrite`. VirtualService `http[].rewrite.uri`.
   */
  uri?: Input<string>;
  /** Replaces parts of the path. Set this or `uri`. VirtualService `http[].rewrite.uriRegexRewrite`. */
  uriRegexRewrite?: Input<RegexRewriteArgs>;
  /** Replaces the Host header. VirtualService `http[].rewrite.authority`. */
  authority?: Input<string>;
}

/** RE2 replaces \0 to \9 and knows no other escape but \\. */
const replacement: Check = (value, findings) => {
  text("a text, with \\1 for the first group,")(value, findings);
  if (typeof value === "string" && /\\(?![\d\\])/.test(value.replace(/\\\\/g, ""))) {
    findings.add(`is ${shown(value)}`, "a \\ stands before the number of a group there, or before another \\");
  }
};

const groupsAreThere: Rule<Plain<RegexRewriteArgs>> = ({ match, rewrite }, findings) => {
  if (typeof match !== "string" || typeof rewrite !== "string") {
    return;
  }
  const groups = [
    ...match
      .replace(/\\./g, "")
      .replace(/\[[^\]]*\]/g, "")
      .matchAll(/\((?!\?)|\(\?P?</g),
  ].length;
  const asked = Math.max(0, ...[...rewrite.replace(/\\\\/g, "").matchAll(/\\(\d)/g)].map(([, digit]) => Number(digit)));
  if (asked > groups) {
    findings
      .field("rewrite")
      .add(
        `is ${shown(rewrite)}`,
        `match has ${groups === 1 ? "1 group" : `${groups} groups`}, so there is no \\${asked}`,
      );
  }
};

/** The check of a rewrite. */
export const rewrite: Check = shape<Plain<RewriteArgs>>(
  {
    uri: text("a path"),
    uriRegexRewrite: shape<Plain<RegexRewriteArgs>>(
      { match: required(regex, "a regular expression"), rewrite: required(replacement, "what takes its place") },
      groupsAreThere,
    ),
    authority: text("a host name"),
  },
  atLeastOneOf("uri", "uriRegexRewrite", "authority"),
  atMostOneOf("uri", "uriRegexRewrite"),
);

/** Istio's rewrite. */
export function renderRewrite(given: Plain<RewriteArgs>): object {
  return omitUndefined(given);
}
