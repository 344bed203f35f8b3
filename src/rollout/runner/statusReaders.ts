import { inputsOf } from "./inputs";
import { contextOf } from "./stackContext";
import { StatusReader, type StatusReaderOptions } from "./statusReader";

/**
 * Begins to look at a stack's app, and at the apps that its rollouts name beside it: those that take the same steps and
 * those that are watched.
 *
 * @returns A reader for each, the stack's own app first.
 * @throws ValidationError where the stack's config does not say how one of them stands
 */
export async function startStatusReaders(options: StatusReaderOptions): Promise<StatusReader[]> {
  const context = await contextOf(options);
  const { settings } = await inputsOf(context, options);
  const others = [settings.with, settings.watch].flatMap((apps) => (Array.isArray(apps) ? apps : []));
  const selections = others.flatMap(({ prefix, app, namespace, versions }) =>
    typeof prefix === "string" ? [{ prefix, app, namespace, versions }] : [],
  );
  return Promise.all([
    StatusReader.start({ ...options, context }),
    ...selections.map((appSelection) =>
      StatusReader.start({
        context,
        appSelection,
        offline: options.offline,
        settings: { source: settings.source ?? {} },
      }),
    ),
  ]);
}
