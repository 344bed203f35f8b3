import type * as pulumi from "@pulumi/pulumi";

/** Resource hooks, run one after the other. */
export function joined(
  first: pulumi.ResourceHookBinding = {},
  second: pulumi.ResourceHookBinding = {},
): pulumi.ResourceHookBinding {
  return {
    beforeCreate: [...(first.beforeCreate ?? []), ...(second.beforeCreate ?? [])],
    beforeUpdate: [...(first.beforeUpdate ?? []), ...(second.beforeUpdate ?? [])],
    afterUpdate: [...(first.afterUpdate ?? []), ...(second.afterUpdate ?? [])],
  };
}
