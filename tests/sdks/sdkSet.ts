import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../demo/programStack";
import { KNOWN_TO_WORK } from "../../src/internal/pulumiSdk/sdkPart";

/** Versions that the tests are run with. */
export interface SdkSet {
  /** A word, for people and for names of folders. */
  name: string;
  /** The packages that differ from those of package.json, with their versions. */
  packages: Readonly<Record<string, string>>;
  /** The package whose `bin/node` runs the tests. @default the current node */
  node?: string;
}

interface Manifest {
  peerDependencies: Record<string, string>;
}

/** The newest Kubernetes SDK that is known to work; for @pulumi/pulumi, that is in KNOWN_TO_WORK. */
const NEWEST_KUBERNETES = "4.34.2";
/**
 * The newest line of Node with long-term support. What the npm package `node` installs is a package for each platform.
 */
const NEWEST_NODE = { name: `node-${process.platform}-${process.arch}`, version: "24.22.3" };

/** The lowest peers that package.json allows, with the current node, and the newest of all that is known to work. */
export function sdkSets(): SdkSet[] {
  const { peerDependencies: peers } = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as Manifest;
  return [
    {
      name: "lowest",
      packages: {
        "@pulumi/pulumi": lowest(peers["@pulumi/pulumi"]),
        "@pulumi/kubernetes": lowest(peers["@pulumi/kubernetes"]),
      },
    },
    {
      name: "newest",
      packages: {
        "@pulumi/pulumi": KNOWN_TO_WORK.newest,
        "@pulumi/kubernetes": NEWEST_KUBERNETES,
        [NEWEST_NODE.name]: NEWEST_NODE.version,
      },
      node: NEWEST_NODE.name,
    },
  ];
}

/** For people. */
export function describeSet({ name, packages }: SdkSet): string {
  return `${name}: ${Object.entries(packages)
    .map(([each, version]) => `${each} ${version}`)
    .join(", ")}`;
}

function lowest(range: string): string {
  const version = /^\^(\d+\.\d+\.\d+)$/.exec(range)?.[1];
  if (version === undefined) {
    throw new Error(
      `a peer's range in package.json is ${range}; ^ and a version are needed, for its lowest to be tested`,
    );
  }
  return version;
}
