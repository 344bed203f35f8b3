import Module from "node:module";
import { resolve } from "node:path";
import { NO_SCHEMAS, crdSchemas } from "./crdSchemas";

/** An object of Istio's in which what a function renders is whole. */
type Whole = (rendered: any) => { kind: string; spec: unknown };

const NETWORKING = "networking.istio.io/v1";

/**
 * The functions that render Istio's objects, or parts of them, by their module. Loaded by mocha before any test, this makes
 * each of them fail when what it renders is against the schema of Istio's definitions: so every case of every unit test is
 * judged by an oracle of its own, without saying so.
 */
export const RENDERERS: Readonly<Record<string, Readonly<Record<string, Whole>>>> = {
  "traffic/istioObjects.ts": {
    baseDestinationRule: (spec) => ({ kind: "DestinationRule", spec }),
    versionDestinationRule: (spec) => ({ kind: "DestinationRule", spec }),
    gateway: (spec) => ({ kind: "Gateway", spec }),
    virtualService: (spec) => ({ kind: "VirtualService", spec }),
  },
  "traffic/route.ts": {
    renderRoute: (route) => ({ kind: "VirtualService", spec: { hosts: ["host"], http: [route] } }),
  },
  "traffic/trafficPolicy.ts": {
    renderTrafficPolicy: (trafficPolicy) => ({ kind: "DestinationRule", spec: { host: "host", trafficPolicy } }),
  },
};

const ROOT = resolve(__dirname, "../../..");

/** The module's exports, with its renderers judged. */
function withJudgement(exports: Record<string, unknown>, renderers: Readonly<Record<string, Whole>>): object {
  const replaced = Object.entries(renderers).flatMap(([name, whole]) => {
    const render = exports[name];
    return typeof render === "function" ? [[name, judging(name, render as (...args: unknown[]) => unknown, whole)]] : [];
  });
  // Not the module's own object, whose fields cannot be replaced.
  return Object.create(exports, Object.fromEntries(replaced.map(([name, value]) => [name as string, { value, enumerable: true }])));
}

let depth = 0;

/** Judges what the outermost renderer makes; the parts of it are judged with it. */
function judging(name: string, render: (...args: unknown[]) => unknown, whole: Whole): (...args: unknown[]) => unknown {
  const objectionsTo = (rendered: unknown) => crdSchemas()?.objections({ apiVersion: NETWORKING, ...whole(rendered) }) ?? [];
  return (...args) => {
    depth++;
    try {
      const rendered = render(...args);
      // What stands in `extra` is the user's own, and passed through as it is.
      if (depth === 1 && objectionsTo(rendered).length > 0) {
        const ours = render(...(withoutExtra(args) as unknown[]));
        const objections = objectionsTo(ours);
        if (objections.length > 0) {
          throw new Error(`Istio's definitions refuse what ${name} renders: ${objections.join("; ")}\n${JSON.stringify(ours)}`);
        }
      }
      return rendered;
    } finally {
      depth--;
    }
  };
}

function withoutExtra(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutExtra);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const kept = Object.entries(value).filter(([name]) => name !== "extra");
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutExtra(field)]));
}

interface Loader {
  _load(request: string, parent: NodeJS.Module | undefined, isMain: boolean): unknown;
  _resolveFilename(request: string, parent: NodeJS.Module | undefined, isMain: boolean): string;
}

const loader = Module as unknown as Loader;
const load = loader._load.bind(loader);
const made = new WeakMap<object, object>();

loader._load = (request, parent, isMain) => {
  const exports = load(request, parent, isMain) as object;
  const renderers = request.startsWith(".") ? RENDERERS[moduleName(request, parent)] : undefined;
  if (renderers === undefined) {
    return exports;
  }
  if (!made.has(exports)) {
    made.set(exports, withJudgement(exports as Record<string, unknown>, renderers));
  }
  return made.get(exports);
};

function moduleName(request: string, parent: NodeJS.Module | undefined): string {
  const folder = parent?.filename === undefined ? ROOT : resolve(parent.filename, "..");
  return `${resolve(folder, request).slice(ROOT.length + 1)}.ts`;
}

if (crdSchemas() === undefined) {
  process.stdout.write(`\n    !!! ${NO_SCHEMAS}\n\n`);
}
