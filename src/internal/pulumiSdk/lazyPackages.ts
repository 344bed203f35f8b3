import { createRequire } from "node:module";

/**
 * Packages that `@pulumi/pulumi` loads at its start and uses for few things: TypeScript to serialize functions and to
 * compile programs, npm's arborist to find the packages that a serialized function needs. Together they are more than
 * a third of the modules and of the memory of a program that does neither.
 */
const SELDOM_USED = ["typescript", "@npmcli/arborist"];

/**
 * Has the SDK load a package when something of it is first used, not when it is required. Whoever else requires the
 * same copy gets the same stand-in, which behaves as the package does. To be called before the SDK is loaded; what is
 * loaded already stays.
 *
 * @param load `require` of whoever loads the SDK
 */
export function loadSeldomUsedLazily(load: NodeJS.Require): void {
  const sdk = resolved(load, "@pulumi/pulumi/package.json");
  if (sdk === undefined) {
    return;
  }
  const requireOfSdk = createRequire(sdk);
  for (const name of SELDOM_USED) {
    const file = resolved(requireOfSdk, name);
    if (file !== undefined && require.cache[file] === undefined) {
      require.cache[file] = standIn(file, requireOfSdk);
    }
  }
}

/** A package's file; undefined where it is not installed: versions of the SDK differ in what they need. */
function resolved(load: NodeJS.Require, name: string): string | undefined {
  try {
    return load.resolve(name);
  } catch {
    return undefined;
  }
}

/** An entry of node's cache whose exports load the file when they are looked at. */
function standIn(file: string, requireOfSdk: NodeJS.Require): NodeModule {
  let real: object | undefined;
  const get = (): object => {
    if (real === undefined) {
      delete require.cache[file];
      real = requireOfSdk(file) as object;
    }
    return real;
  };
  // A bound function can be called and constructed, and has no property that a proxy would have to show.
  const target = function () {}.bind(undefined);
  const exports = new Proxy(target, {
    get: (_, key) => {
      if (key === "__esModule") {
        return true; // so that `import * as` keeps the stand-in instead of copying from it
      }
      const value: unknown = Reflect.get(get(), key);
      return key === "default" ? (value ?? get()) : value;
    },
    has: (_, key) => Reflect.has(get(), key),
    set: (_, key, value) => Reflect.set(get(), key, value),
    ownKeys: () => Reflect.ownKeys(get()),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(get(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
    apply: (_, self, args) => Reflect.apply(get() as () => unknown, self, args),
    construct: (_, args) => Reflect.construct(get() as new () => object, args) as object,
  });
  return { ...module, id: file, filename: file, exports, loaded: true, children: [], parent: null };
}
