import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type RouteArgs } from "../../../../components";

const config = new pulumi.Config();
const versions = named("v", config.requireNumber("versions"));
const weight = config.requireNumber("weight");

// The stack is measured, not its pods: no single node runs those of 200 apps.
pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
  type === "kubernetes:apps/v1:Deployment"
    ? { props: { ...props, spec: pulumi.output(props.spec).apply((spec) => ({ ...spec, replicas: 0 })) }, opts }
    : undefined,
);

/**
 * In the first app, the newest version's weight is the config's; in all others it is 25. A change of the config moves
 * the traffic of one app.
 */
named("app", config.requireNumber("apps")).forEach((name, index) => {
  const share = index === 0 ? weight : 25;
  const weights = Object.fromEntries(
    versions.map((version, place) => [version, place === 0 ? 100 - share : place === versions.length - 1 ? share : 0]),
  );
  new CanaryApp(name, {
    versions: versions.map((version) => ({ name: version, image: "docker.io/library/canary-demo:1.0" })),
    weights,
    hosts: [`${name}.example.com`],
    routes: routes(config.requireNumber("routes")),
    mesh: { install: false },
  });
});

/** The last route takes every request that no other route takes. */
function routes(count: number): RouteArgs[] {
  return [...named("path", count - 1).map((path) => ({ match: [{ uri: { prefix: `/${path}/` } }] })), {}];
}

function named(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}${index + 1}`);
}
