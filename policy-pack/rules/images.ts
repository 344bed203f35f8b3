import { list, type ObjectRule } from "./rule";
import { podSpecOf } from "./workloads";

/** Which images may run. */
export interface ImagesConfig {
  /** What an image's name has to start with, e.g. `registry.example.com/shop/`. @default anything */
  prefixes: string[];
  /** Whether a digest is needed, `@sha256:…`. @default false */
  digest: boolean;
}

/** What runs is said by the image's name: a tag other than `latest`, or a digest. */
export const images: ObjectRule<ImagesConfig> = {
  name: "images",
  description: "Images have a tag of their own or a digest, and come from where they may",
  config: {
    prefixes: { type: "array", items: { type: "string" }, default: [] },
    digest: { type: "boolean", default: false },
  },
  check: (object, config) => {
    const pod = podSpecOf(object);
    const containers = ["initContainers", "containers"].flatMap((field) =>
      list(pod?.[field]).map(({ image }, index) => ({ path: `${field}[${index}].image`, image })),
    );
    return containers
      .filter(({ image }) => typeof image === "string")
      .flatMap(({ path, image }) => wrong(image, config).map((what) => `${path} ${what}`));
  },
};

function wrong(image: string, { prefixes, digest }: ImagesConfig): string[] {
  const [name, hash] = image.split("@");
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  const unclear = hash === undefined && (tag === undefined || tag === "latest");
  return [
    ...(digest && hash === undefined
      ? ["has no digest; write it as name@sha256:…"]
      : unclear
        ? [
            `has ${tag === undefined ? "no tag" : 'the tag "latest"'}: what runs could change by itself; name a version, or a digest`,
          ]
        : []),
    ...(prefixes.length > 0 && !prefixes.some((prefix) => image.startsWith(prefix))
      ? [`comes from somewhere else; allowed are ${prefixes.join(", ")}`]
      : []),
  ];
}
