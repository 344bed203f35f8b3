import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../../demo/programStack";
import type { Proof } from "../proof";

/**
 * Writes the tables of the proofs that have results into their documents, each between two marks, replacing earlier
 * ones; and their plots.
 */
export async function writeReport(proofs: readonly Proof[]): Promise<void> {
  const documents = join(PROJECT_ROOT, "docs");
  for (const { name, document = "proof.md", ...proof } of proofs) {
    const table = await proof.table?.();
    if (table !== undefined) {
      const file = join(documents, document);
      writeFileSync(file, withTable(readFileSync(file, "utf8"), name, table));
    }
    const plots = (await proof.plots?.()) ?? [];
    [...plots].forEach(([file, svg]) => writeFileSync(join(documents, file), svg));
  }
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
