import { WarningCode, type WarningRule } from "./warning";

/** The warnings of the engine, the providers and the policies. */
export const engine: WarningRule = ({ changes: { diagnostics, policies } }) => [
  ...[...new Set(diagnostics.filter(({ severity }) => severity === "warning").map(({ message }) => message))].map(
    (text) => ({ code: WarningCode.Engine, text }),
  ),
  ...policies
    .filter(({ mandatory, evaluated }) => !mandatory && evaluated)
    .map(({ policy, pack, message }) => ({ code: WarningCode.Policy, text: `${pack}/${policy}: ${message}` })),
];

/**
 * Policies that could not be evaluated: the engine tells of them as of advisory ones, and lets the preview pass. Only
 * the `up` evaluates them.
 */
export const policyNotEvaluated: WarningRule = ({ changes: { policies } }) =>
  policies
    .filter(({ evaluated }) => !evaluated)
    .map(({ policy, pack, message, urn }) => {
      const why = message.replace(/^.* during preview: /, "");
      const about = urn === undefined ? "" : ` for ${urn.split("::").slice(2).join(" ").split(/[:$]/).at(-1)}`;
      return {
        code: WarningCode.PolicyNotEvaluated,
        text: `${pack}/${policy} could not be evaluated${about}: ${why}. If it is mandatory, the up can still fail`,
      };
    });
