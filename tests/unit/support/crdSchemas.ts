import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { parseAllDocuments } from "yaml";
import { toolFolder } from "../../../sandbox/tools";

/** The parts of an Istio object that its schema speaks about. */
export interface IstioObject {
  apiVersion: string;
  kind: string;
  spec: unknown;
}

/** What a schema has against an object: the field, and the reason. Empty if nothing. */
export type Objections = string[];

/**
 * The schemas of Istio's custom resource definitions, as the API server enforces them, but for the CEL rules; those are
 * for the end-to-end tests. Fields that a schema does not know are objections here, where the API server would drop
 * them in silence.
 */
export class CrdSchemas {
  private readonly validators: ReadonlyMap<string, ValidateFunction>;

  /** @param definitions The text of `crd-all.gen.yaml`. */
  constructor(definitions: string) {
    const ajv = addFormats(new Ajv({ allErrors: true, strict: false }));
    const validators = new Map<string, ValidateFunction>();
    for (const document of parseAllDocuments(definitions)) {
      const definition = document.toJS() as Definition | null;
      for (const { name, schema } of definition?.spec.versions ?? []) {
        const { group, names } = (definition as Definition).spec;
        validators.set(`${group}/${name} ${names.kind}`, ajv.compile(closed(schema.openAPIV3Schema.properties.spec)));
      }
    }
    this.validators = validators;
  }

  /** Whether there is a schema for objects of this API version and kind. */
  knows({ apiVersion, kind }: Pick<IstioObject, "apiVersion" | "kind">): boolean {
    return this.validators.has(`${apiVersion} ${kind}`);
  }

  /**
   * What the schema of an object's kind has against its spec. An object of an unknown kind is an objection by itself.
   */
  objections({ apiVersion, kind, spec }: IstioObject): Objections {
    const validate = this.validators.get(`${apiVersion} ${kind}`);
    if (validate === undefined) {
      return [`there is no schema for ${apiVersion} ${kind}`];
    }
    // What is sent to the API server is JSON: fields that are undefined are not there.
    return validate(JSON.parse(JSON.stringify(spec))) ? [] : (validate.errors ?? []).map(objection);
  }
}

interface Definition {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: { properties: { spec: Schema } } } }[];
  };
}

interface Schema {
  properties?: Record<string, Schema>;
  [keyword: string]: unknown;
}

/**
 * The schema as JSON Schema: OpenAPI's own keywords are replaced by what they mean, and objects with named fields take
 * no others, except under the logical keywords, whose parts say only what they add.
 */
function closed(schema: Schema, partial = false): Schema {
  const {
    nullable,
    type,
    properties,
    "x-kubernetes-int-or-string": intOrString,
    "x-kubernetes-preserve-unknown-fields": open,
    ...rest
  } = schema;
  const result: Schema = { ...rest };
  for (const word of ["oneOf", "anyOf", "allOf"].filter((each) => Array.isArray(schema[each]))) {
    result[word] = (schema[word] as Schema[]).map((part) => closed(part, true));
  }
  for (const word of ["items", "not", "additionalProperties"].filter((each) => typeof schema[each] === "object")) {
    result[word] = closed(schema[word] as Schema, partial || word === "not");
  }
  if (properties !== undefined) {
    result.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, closed(property, partial)]),
    );
    if (!partial && open !== true) {
      result.additionalProperties ??= false;
    }
  }
  const types = intOrString === true ? ["integer", "string"] : type === undefined ? undefined : [type];
  return types === undefined ? result : { ...result, type: nullable === true ? [...types, "null"] : types };
}

function objection({
  instancePath,
  message = "is wrong",
  params,
}: {
  instancePath: string;
  message?: string;
  params: Record<string, unknown>;
}): string {
  const detail = params.additionalProperty ?? params.allowedValues;
  return `spec${instancePath.replaceAll("/", ".")} ${message}${detail === undefined ? "" : ` (${String(detail)})`}`;
}

let loaded: CrdSchemas | undefined;

/**
 * The schemas of the Istio that the sandbox installs, read from its cache. Nothing is built or fetched.
 *
 * @returns undefined where the charts are not in the cache.
 */
export function crdSchemas(): CrdSchemas | undefined {
  const file = definitionsFile();
  if (file !== undefined) {
    loaded ??= new CrdSchemas(readFileSync(file, "utf8"));
  }
  return loaded;
}

/** Said where the schemas are missing and something that needs them is left out. */
export const NO_SCHEMAS =
  "SKIPPED, NO SCHEMAS: Istio's charts are not in the sandbox's cache; `npm run sandbox -- up` puts them there";

/** The schemas, or where there are none, the running test or suite is skipped, for all to see. */
export function requireCrdSchemas(running: Mocha.Context): CrdSchemas {
  const schemas = crdSchemas();
  if (schemas === undefined) {
    process.stdout.write(`\n    !!! ${NO_SCHEMAS}\n\n`);
    return running.skip();
  }
  return schemas;
}

function definitionsFile(): string | undefined {
  try {
    const file = join(toolFolder("charts"), "base", "files", "crd-all.gen.yaml");
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined; // a platform on which there is no sandbox
  }
}
