/** An error of a Pulumi CLI that is not there, with what to do. */
export function withInstallHint(error: Error): Error {
  return new Error(
    `${error.message}: install Pulumi's CLI (https://www.pulumi.com/docs/install/), or add the folder that it is in to PATH`,
    { cause: error },
  );
}

/**
 * What Automation's own error says by a dump of the failed call, in one sentence.
 *
 * @param root The folder in whose `bin` the CLI was looked for. @default as PATH says
 */
export function explainMissingCli(error: unknown, root?: string): unknown {
  const { commandResult } = error as { commandResult?: { err?: { code?: unknown } } };
  if (commandResult?.err?.code !== "ENOENT") {
    return error;
  }
  return withInstallHint(
    new Error(root === undefined ? "pulumi is not found on PATH" : `there is no pulumi in ${root}/bin`, {
      cause: error,
    }),
  );
}
