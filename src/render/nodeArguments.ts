/** What a project's `nodeargs` have node load before the program, by names as the program's folder resolves them. */
export interface NodeArguments {
  /** By `--require`. */
  required: string[];
  /** By `--import`. */
  imported: string[];
  /** By `--loader` or `--experimental-loader`. */
  loaders: string[];
}

const FIELDS: Readonly<Record<string, keyof NodeArguments>> = {
  "--require": "required",
  "-r": "required",
  "--import": "imported",
  "--loader": "loaders",
  "--experimental-loader": "loaders",
};

/** Reads what is loaded before a program, e.g. `--import tsx --no-warnings`. */
export function readNodeArguments(nodeargs: unknown): NodeArguments {
  const given: NodeArguments = { required: [], imported: [], loaders: [] };
  const words = typeof nodeargs === "string" ? nodeargs.split(/\s+/) : [];
  for (const [index, word] of words.entries()) {
    const [name, value] = word.split(/=(.*)/);
    const field = FIELDS[name];
    const module = value ?? words[index + 1];
    if (field !== undefined && module !== undefined) {
      given[field].push(module);
    }
  }
  return given;
}
