import { type Policies, PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";
import { hosts } from "./rules/hosts";
import { images } from "./rules/images";
import { maxStep, type ReadLive } from "./rules/maxStep";
import { mtls } from "./rules/mtls";
import type { ObjectRule, StackRule } from "./rules/rule";
import { versions } from "./rules/versions";
import { workloads } from "./rules/workloads";

/** The guard rails as Pulumi's policies; each is mandatory unless its config says otherwise. */
export function policies(readLive: ReadLive): Policies {
  return [
    objectPolicy(maxStep(readLive)),
    objectPolicy(hosts),
    objectPolicy(images),
    objectPolicy(workloads),
    objectPolicy(mtls),
    stackPolicy(versions),
  ];
}

/** Makes the pack; Pulumi serves the one that a policy pack's program makes. */
export function makePack(readLive: ReadLive): PolicyPack {
  return new PolicyPack("canary-app", {
    policies: policies(readLive),
    enforcementLevel: "mandatory",
    description: "Guard rails for traffic that Istio moves",
  });
}

function objectPolicy<Config extends object>({
  name,
  description,
  config,
  check,
}: ObjectRule<Config>): ResourceValidationPolicy {
  return {
    name,
    description,
    configSchema: { properties: { ...config } },
    validateResource: async ({ type, name: resource, props, getConfig }, report) => {
      if (type.startsWith("kubernetes:")) {
        (await check(props, getConfig<Config>())).forEach((violation) =>
          report(`${type.split(":").at(-1)} ${resource}: ${violation}`),
        );
      }
    },
  };
}

function stackPolicy<Config extends object>({
  name,
  description,
  config,
  check,
}: StackRule<Config>): StackValidationPolicy {
  return {
    name,
    description,
    configSchema: { properties: { ...config } },
    validateStack: ({ resources, getConfig }, report) => {
      const objects = resources
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .map(({ name: resource, props }) => ({ name: resource, object: props }));
      check(objects, getConfig<Config>()).forEach((violation) => report(violation));
    },
  };
}
