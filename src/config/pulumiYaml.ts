import {
  type Document,
  LineCounter,
  type ParsedNode,
  Scalar,
  isCollection,
  isScalar,
  parseAllDocuments,
  parseDocument,
  visit,
} from "yaml";
import { plainScalar, type ReadScalar, taggedScalar, textScalar } from "./yamlScalars";

/** What is wrong with a text of YAML, and where; lines and columns begin at 1. */
export class YamlError extends Error {
  constructor(
    what: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`${what} at line ${line}, column ${column}`);
    this.name = "YamlError";
  }
}

/** What Pulumi's parser does not let stand in a file, not even in quotes. */
const FORBIDDEN = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Whether a text has to be escaped. */
export function hasForbidden(text: string): boolean {
  return FORBIDDEN.test(text);
}

/**
 * YAML as Pulumi reads it: its scalars by the rules of `yamlScalars`, and of several documents the first. Nodes have
 * the values that a program gets, keys are the texts that it gets.
 */
export class PulumiYaml {
  readonly document: Document.Parsed;
  /** Whether there are documents that Pulumi does not read. */
  readonly hasMore: boolean;
  private readonly lines = new LineCounter();
  private readonly scalars = new Map<Scalar, ReadScalar>();

  /** @throws YamlError if Pulumi would refuse it */
  constructor(text: string) {
    const options = {
      schema: "failsafe",
      merge: true,
      resolveKnownTags: false,
      keepSourceTokens: true,
      lineCounter: this.lines,
      prettyErrors: false,
    } as const;
    const documents = parseAllDocuments(text, options);
    this.hasMore = documents.length > 1;
    this.document = documents[0] ?? parseDocument(text, options);
    const forbidden = FORBIDDEN.exec(text);
    if (forbidden !== null) {
      throw this.errorAt(forbidden.index, `the control character ${escaped(forbidden[0])} is not allowed`);
    }
    const [error] = this.document.errors;
    if (error !== undefined) {
      throw this.errorAt(error.pos[0], error.message);
    }
    const { explicit, version } = this.document.directives.yaml;
    if (explicit === true && version !== "1.1") {
      throw this.errorAt(
        text.indexOf("%YAML"),
        `YAML ${version} is not what Pulumi reads, which is 1.1: remove the line`,
      );
    }
    this.readScalars();
  }

  /** What a scalar was read as. */
  read(node: unknown): ReadScalar | undefined {
    return isScalar(node) ? this.scalars.get(node) : undefined;
  }

  /** Where a node begins. */
  positionOf(node: ParsedNode): { line: number; column: number } {
    const { line, col } = this.lines.linePos(node.range[0]);
    return { line, column: col };
  }

  /** An error that says where. */
  errorAt(where: number | ParsedNode, what: string): YamlError {
    const { line, col } = this.lines.linePos(typeof where === "number" ? where : where.range[0]);
    return new YamlError(what, line, col);
  }

  private readScalars(): void {
    visit(this.document, {
      Scalar: (at, node) => {
        if (typeof node.value === "symbol") {
          return; // a merge
        }
        const read = this.resolved(node as Scalar.Parsed);
        if (at === "key" && read.kind === "text" && read.key === "<<") {
          throw this.errorAt(node as ParsedNode, "<< is not allowed as a key in quotes");
        }
        this.scalars.set(node, read);
        node.value = at === "key" ? read.key : read.value;
      },
      Pair: (_, { key }) => {
        if (isCollection(key)) {
          throw this.errorAt(key as ParsedNode, "a key that is a list or an object is not allowed");
        }
      },
      Alias: (_, node, path) => {
        const target = node.resolve(this.document);
        if (target !== undefined && path.includes(target)) {
          throw this.errorAt(node as ParsedNode, `anchor "${node.source}" contains itself`);
        }
      },
    });
  }

  private resolved(node: Scalar.Parsed): ReadScalar {
    const { source, type, tag } = node;
    if (tag !== undefined && tag !== "!") {
      try {
        return taggedScalar(tag, source);
      } catch (error) {
        throw this.errorAt(node, (error as Error).message);
      }
    }
    return type === Scalar.PLAIN ? plainScalar(source) : textScalar(source);
  }
}

/** The data of a text of YAML. @throws YamlError if it is none */
export function parseYaml(text: string): unknown {
  return new PulumiYaml(text).document.toJS() as unknown;
}

function escaped(character: string): string {
  return `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0")}`;
}
