import { join } from "node:path";
import ts from "typescript";

const ROOT = join(__dirname, "../../../..");
const FILE = join(ROOT, "src/rollout/runner/event.ts");

/**
 * What the types say against events that were read from outside; empty if they are what the types say, no field more or
 * less.
 */
export function eventProblems(events: readonly unknown[]): string[] {
  const text = events
    .map((event, index) => `export const event${index}: RolloutEvent = ${JSON.stringify(event)};`)
    .join("\n");
  const { program, virtual } = compiled(`import type { RolloutEvent } from "./event";\n${text}\n`);
  return ts.getPreEmitDiagnostics(program, program.getSourceFile(virtual)).map(({ messageText, start, file }) => {
    const line = file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 1;
    return `${JSON.stringify(events[line - 1])?.slice(0, 200)}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

/** The `type`s of events that there are. */
export function eventTypes(): string[] {
  const { program, virtual } = compiled(
    'import type { RolloutEvent } from "./event";\nexport type Names = RolloutEvent["type"];\n',
  );
  const source = program.getSourceFile(virtual) as ts.SourceFile;
  const alias = source.statements.find(ts.isTypeAliasDeclaration) as ts.TypeAliasDeclaration;
  const type = program.getTypeChecker().getTypeAtLocation(alias.name);
  return (type.isUnion() ? type.types : [type]).map((each) => (each as ts.StringLiteralType).value).sort();
}

/** A program of one file that is not on the disk, beside the events' own. */
function compiled(text: string): { program: ts.Program; virtual: string } {
  const virtual = join(FILE, "../checkedEvents.ts");
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    skipLibCheck: true,
    esModuleInterop: true,
    types: ["node"],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...more) =>
    name === virtual
      ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true)
      : getSourceFile.call(host, name, ...more);
  host.fileExists = (name) => name === virtual || fileExists.call(host, name);
  host.readFile = (name) => (name === virtual ? text : readFile.call(host, name));
  return { program: ts.createProgram([virtual], options, host), virtual };
}
