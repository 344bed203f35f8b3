import { argumentModel } from "./argumentModel";
import { link, sections } from "./sections";

/** The components, and what they take. */
const COMPONENTS = {
  CanaryApp: "CanaryAppArgs",
  IstioMesh: "IstioMeshArgs",
  SharedGateway: "SharedGatewayArgs",
} as const;

/**
 * The reference of all arguments, as Markdown. It is made from the docstrings alone, so that there is one place to
 * change.
 */
export function reference(): string {
  const model = argumentModel(Object.values(COMPONENTS));
  return `${[introduction(), ...sections(model)].join("\n\n")}\n`;
}

function introduction(): string {
  const components = Object.entries(COMPONENTS).map(
    ([name, args]) => `- \`new ${name}(name, args)\` takes ${link(args)}.`,
  );
  return [
    "# All arguments",
    "<!-- Made from the docstrings by `npm run docs`; do not edit. -->",
    "Every argument may be a plain value, and most an `Output` of another resource; those that name or make resources must be plain. " +
      "In a stack's config, each argument of `CanaryApp` is the key of its name.",
    components.join("\n"),
  ].join("\n\n");
}
