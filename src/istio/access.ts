import type { Input } from "@pulumi/pulumi";
import type { Plain } from "./plain";
import { type Findings } from "../validation/problem";
import { isKnown } from "../validation/unknown";
import { type Check, type Rule, list, required, setOf, shape } from "../validation/shape";
import { flag, pattern } from "../validation/values";
import { MtlsMode } from "./mtls";
import { type Spoken, hasRoutesOf, spokenInWords } from "./protocol";

/** Who may call the app, and how. A request is allowed if one rule allows it. */
export interface AccessRuleArgs {
  /**
   * Whether the ingress gateway is one of the callers. AuthorizationPolicy `rules[].from[].source.principals`.
   * @default false
   */
  gateway?: Input<boolean>;
  /**
   * Callers by the ServiceAccount of their pods, as `namespace/name`; they need a sidecar. AuthorizationPolicy
   * `rules[].from[].source.principals`.
   */
  serviceAccounts?: Input<Input<string>[]>;
  /**
   * The HTTP methods they may use, e.g. `GET`. AuthorizationPolicy `rules[].to[].operation.methods`.
   * @default any method
   */
  methods?: Input<Input<string>[]>;
  /**
   * The paths they may call, as the app sees them: `/api/v1/hello`, `/api/*`, `*.png`. AuthorizationPolicy
   * `rules[].to[].operation.paths`.
   * @default any path
   */
  paths?: Input<Input<string>[]>;
}

const callers: Rule<Plain<AccessRuleArgs>> = (rule, findings) => {
  const { gateway } = rule;
  if (gateway !== true && isKnown(gateway) && setOf(rule, ["serviceAccounts"]).length === 0) {
    findings.add("lets nobody in", "gateway: true, serviceAccounts, or both are needed");
  }
};

const checkRule: Check = shape<Plain<AccessRuleArgs>>(
  {
    gateway: flag,
    serviceAccounts: list(
      required(
        pattern(
          /^(?=[^/]{1,63}\/[^/]{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
          "a ServiceAccount as namespace/name",
        ),
        "a ServiceAccount",
      ),
      "a list of ServiceAccounts as namespace/name",
      1,
    ),
    methods: list(
      pattern(/^[A-Z]+(-[A-Z]+)*$/, "an HTTP method in upper case, such as GET,"),
      "a list of HTTP methods",
      1,
    ),
    paths: list(
      pattern(
        /^(\*|\/[^*{}]*\*?|\*[^*{}]+)$/,
        "a path that starts with /, with * at its end or start at the most, and no { or },",
      ),
      "a list of paths",
      1,
    ),
  },
  callers,
);

/** What the access rules are checked against. */
export interface AccessContext {
  /** Whether the app has hosts, and therefore callers that come through the ingress gateway. */
  hasHosts: boolean;
  /** What the app speaks. */
  spoken: Spoken;
  /** Which connections its pods accept, if that is set. */
  mtls?: unknown;
}

/** Records what is wrong with the rules, by themselves and together with the app's other arguments. */
export function checkAccess(rules: unknown, { hasHosts, spoken, mtls }: AccessContext, findings: Findings): void {
  const before = findings.all().length;
  list(checkRule, "a list of rules that let callers in", 1)(rules, findings);
  if (!isKnown(rules) || findings.all().length > before) {
    return;
  }
  const given = rules as Plain<AccessRuleArgs>[];
  if (hasHosts && given.every((rule) => isKnown(rule) && rule.gateway !== true && isKnown(rule.gateway))) {
    findings.add(
      "never lets the ingress gateway in, but the app has hosts",
      "add { gateway: true }, or every request from outside gets 403; or set hosts to []",
    );
  }
  if (mtls === MtlsMode.Disable) {
    findings.add(
      "is set, and mtls is DISABLE",
      "callers are identified by the mesh's certificates, which plain text does not carry: nobody would be let in",
    );
  }
  checkConnections(given, spoken, findings);
}

/**
 * Records rules by which nobody could open a connection: Istio lets no connection match rules with methods or paths.
 */
function checkConnections(rules: readonly Plain<AccessRuleArgs>[], spoken: Spoken, findings: Findings): void {
  if (!hasRoutesOf(spoken, "tcp") && !hasRoutesOf(spoken, "tls")) {
    return;
  }
  const ofRequests = rules.map((rule) => (isKnown(rule) ? setOf(rule, ["methods", "paths"]) : []));
  if (!hasRoutesOf(spoken, "http")) {
    ofRequests.forEach((names, index) => {
      for (const name of names) {
        findings
          .field(index)
          .field(name)
          .add(`is set, and ${spokenInWords(spoken)}`, "connections have none; the rule would let nobody in");
      }
    });
  } else if (ofRequests.every((names) => names.length > 0)) {
    findings.add(
      `has methods or paths in every rule, and ${spokenInWords(spoken)}`,
      "connections have none, so nobody would be let in to their ports: add a rule without methods and paths",
    );
  }
}

/**
 * The spec of the AuthorizationPolicy for the pods of all versions of an app: callers that match no rule get 403.
 *
 * @param gateway The ingress gateway's ServiceAccount, as `namespace/name`.
 */
export function authorizationPolicy(app: string, rules: readonly Plain<AccessRuleArgs>[], gateway: string): object {
  return { selector: { matchLabels: { app } }, action: "ALLOW", rules: rules.map((rule) => renderRule(rule, gateway)) };
}

function renderRule({ gateway, serviceAccounts = [], methods, paths }: Plain<AccessRuleArgs>, ingress: string): object {
  const accounts = [...(gateway === true ? [ingress] : []), ...serviceAccounts];
  const operation = {
    ...(methods === undefined ? {} : { methods: [...methods] }),
    ...(paths === undefined ? {} : { paths: [...paths] }),
  };
  return {
    from: [{ source: { principals: accounts.map(principal) } }],
    ...(Object.keys(operation).length === 0 ? {} : { to: [{ operation }] }),
  };
}

/**
 * The identity of a ServiceAccount's pods. Istio treats `cluster.local` as the mesh's own trust domain, whatever that
 * is called.
 */
function principal(account: string): string {
  const [namespace, name] = account.split("/");
  return `cluster.local/ns/${namespace}/sa/${name}`;
}
