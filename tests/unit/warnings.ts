/** The names of Node's own warnings that something brings about. */
export async function warningsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const told: string[] = [];
  const hear = ({ name }: Error) => told.push(name);
  process.on("warning", hear);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("warning", hear);
  }
  return told;
}
