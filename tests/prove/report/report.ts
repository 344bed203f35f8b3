import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../../engine/programStack";
import type { Proof } from "../proof";

/** Where the tables stand, each between two marks with its proof's name. */
const DOCUMENT = join(PROJECT_ROOT, "docs", "proof.md");

/** Writes the proofs' tables whose results are there into the document, in place of those before. */
export async function writeReport(proofs: readonly Proof[]): Promise<void> {
  let text = readFileSync(DOCUMENT, "utf8");
  for (const { name, table: make } of proofs) {
    const table = await make?.();
    text = table === undefined ? text : withTable(text, name, table);
  }
  writeFileSync(DOCUMENT, text);
}

/** The document with a table between its marks. */
export function withTable(document: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name}: made by npm run prove -- report -->`, `<!-- end of ${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`the document has no place for the table "${name}": "${begin}" and "${end}" are needed`);
  }
  return `${document.slice(0, from + begin.length)}\n\n${table.trim()}\n\n${document.slice(to)}`;
}
