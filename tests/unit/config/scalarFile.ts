/** A stack's file with each of these scalars on the top level of the config, in a list and as the key of an object. */
export function scalarFile(sources: readonly string[]): string {
  const lines = sources.flatMap((source, index) => [
    `  shop:top${index}: ${source}`,
    `  shop:list${index}:`,
    `    - ${source}`,
    `  shop:key${index}:`,
    `    ? ${source}`,
    "    : x",
  ]);
  return `${["config:", ...lines].join("\n")}\n`;
}
