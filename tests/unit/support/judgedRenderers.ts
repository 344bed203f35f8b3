import Module from "node:module";
import { resolve } from "node:path";
import { NO_SCHEMAS, crdSchemas } from "./crdSchemas";
import { keepRecording, keepRendered, nameTests } from "./renderedCases";
import { RENDERERS, type Whole } from "./renderers";

/*
 * Loaded by mocha before any test, this makes each function that renders objects of Istio's, or parts of them, fail
 * when what it renders is against the schema of Istio's definitions: so every case of every unit test is judged by an
 * oracle of its own, without saying so. What they render is kept where it is asked for.
 */

type Replacement = (...args: unknown[]) => unknown;

let depth = 0;

/** Judges what the outermost renderer makes; the parts of it are judged with it. */
function judging(name: string, render: Replacement, whole: Whole): Replacement {
  const objectionsTo = (rendered: unknown) => {
    const object = whole(rendered);
    return object === undefined ? [] : (crdSchemas()?.objections(object) ?? []);
  };
  return (...args) => {
    depth++;
    try {
      const rendered = render(...args);
      if (depth > 1) {
        return rendered;
      }
      // What stands in `extra` is the user's own, and passed through as it is.
      if (objectionsTo(rendered).length === 0) {
        keepRendered(whole(rendered));
        return rendered;
      }
      const ours = render(...(withoutExtra(args) as unknown[]));
      const objections = objectionsTo(ours);
      if (objections.length > 0) {
        throw new Error(
          `Istio's definitions refuse what ${name} renders: ${objections.join("; ")}\n${JSON.stringify(ours)}`,
        );
      }
      keepRendered(whole(ours));
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

/** What takes the place of a module's exports, by their names; undefined for modules that are left as they are. */
function replacements(module: string, exports: Record<string, Replacement>): Record<string, Replacement> | undefined {
  if (module === "src/render/recorder.ts") {
    return { record: async (...args) => keepRecording((await exports.record(...args)) as never) };
  }
  const renderers = Object.hasOwn(RENDERERS, module) ? Object.entries(RENDERERS[module]) : undefined;
  return renderers && Object.fromEntries(renderers.map(([name, whole]) => [name, judging(name, exports[name], whole)]));
}

interface Loader {
  _load(request: string, parent: NodeJS.Module | undefined, isMain: boolean): unknown;
}

const ROOT = resolve(__dirname, "../../..");
const loader = Module as unknown as Loader;
const load = loader._load.bind(loader);
const made = new WeakMap<object, object>();

loader._load = (request, parent, isMain) => {
  const exports = load(request, parent, isMain) as object;
  if (!request.startsWith(".")) {
    return exports;
  }
  if (made.has(exports)) {
    return made.get(exports);
  }
  const replaced = replacements(moduleName(request, parent), exports as Record<string, Replacement>);
  if (replaced === undefined) {
    return exports;
  }
  // Not the module's own object, whose fields cannot be replaced.
  const own = Object.create(
    exports,
    Object.fromEntries(Object.entries(replaced).map(([name, value]) => [name, { value, enumerable: true }])),
  );
  made.set(exports, own);
  return own;
};

function moduleName(request: string, parent: NodeJS.Module | undefined): string {
  const folder = parent?.filename === undefined ? ROOT : resolve(parent.filename, "..");
  return `${resolve(folder, request).slice(ROOT.length + 1)}.ts`;
}

if (crdSchemas() === undefined) {
  process.stdout.write(`\n    !!! ${NO_SCHEMAS}\n\n`);
}

export const mochaHooks = { beforeEach: nameTests };
