import { inputsOf } from "./inputs";
import { contextOf } from "./stackContext";
import { type AppStatus, StatusReader, type StatusReaderOptions } from "./statusReader";

/**
 * Looks at a stack's app again and again, and at the apps that its rollouts name beside it: those that take the same
 * steps and those that are watched.
 */
export class StatusReaders {
  private constructor(
    private readonly own: StatusReader,
    private readonly others: readonly StatusReader[],
  ) {}

  /**
   * Reads the config alone; {@link count} begins to count.
   *
   * @throws ValidationError where the stack's config does not say how one of the apps stands
   */
  static async open(options: StatusReaderOptions): Promise<StatusReaders> {
    const context = await contextOf(options);
    const { settings } = await inputsOf(context, options);
    const apps = [settings.with, settings.watch].flatMap((each) => (Array.isArray(each) ? each : []));
    const selections = apps.flatMap(({ prefix, app, namespace, versions }) =>
      typeof prefix === "string" ? [{ prefix, app, namespace, versions }] : [],
    );
    const { offline } = options;
    const source = settings.source ?? {};
    const [own, ...others] = await Promise.all([
      StatusReader.open({ ...options, context }),
      ...selections.map((appSelection) => StatusReader.open({ context, appSelection, offline, settings: { source } })),
    ]);
    return new StatusReaders(own, others);
  }

  /** Begins to count. */
  async count(): Promise<void> {
    await Promise.all([this.own, ...this.others].map((reader) => reader.count()));
  }

  /** What is known before anything was counted. */
  first(): Promise<AppStatus> {
    return this.together((reader) => reader.first());
  }

  /** How the apps stand now, with the metrics since a time in ms since the epoch. */
  look(since: number): Promise<AppStatus> {
    return this.together((reader) => reader.look(since));
  }

  /** Gives up connections and timers. */
  stop(): void {
    [this.own, ...this.others].forEach((reader) => reader.stop());
  }

  private async together(ask: (reader: StatusReader) => Promise<AppStatus>): Promise<AppStatus> {
    const [own, ...others] = await Promise.all([this.own, ...this.others].map(ask));
    return others.length === 0 ? own : { ...own, others };
  }
}
