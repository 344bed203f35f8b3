import type { Input } from "@pulumi/pulumi";
import { omitUndefined } from "../internal/objects";
import { shown } from "../validation/problem";
import { regex } from "../validation/regex";
import { type Check, type Rule, atLeastOneOf, atMostOneOf, required, shape } from "../validation/shape";
import { text } from "../validation/values";
import type { Plain } from "./plain";

/** A part of the path that is found by an expression and replaced. */
export interface RegexRewriteArgs {
  /**
   * What is replaced, wherever it stands in the path: a regular expression (RE2 syntax). VirtualService
   * `http[].rewrite.uriRegexRewrite.match`.
   */
  match: Input<string>;
  /**
   * What takes its place; `\1` stands for what the first group took. VirtualService
   * `http[].rewrite.uriRegexRewrite.rewrite`.
   */
  rewrite: Input<string>;
}

/** What is changed in a request before it is sent on. */
export interface RewriteArgs {
  /**
   * Takes the place of the matched path or, with a prefix match, of the prefix alone: `/v2` with `/` makes `//a` of
   * `/v2/a`, so match `/v2/` beside it, or use `uriRegexRewrite`. Set this or `uriRegexRewrite`. VirtualService
   * `http[].rewrite.uri`.
   */
  uri?: Input<string>;
  /** Replaces parts of the path. Set this or `uri`. VirtualService `http[].rewrite.uriRegexRewrite`. */
  uriRegexRewrite?: Input<RegexRewriteArgs>;
  /** Takes the place of the Host header. VirtualService `http[].rewrite.authority`. */
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

/** What is changed in a request. */
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
