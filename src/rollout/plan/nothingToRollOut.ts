/** The target has all traffic already: no mistake, but nothing to roll out either. */
export class NothingToRollOutError extends Error {
  override readonly name = "NothingToRollOutError";

  /**
   * @param target The version that would be rolled out.
   * @param versions All of the app.
   * @param prefix Where its config keys begin, e.g. `shop`.
   */
  constructor(target: string, versions: readonly string[], prefix: string) {
    const others = versions.filter((version) => version !== target);
    const other = others.length === 0 ? "" : `, or set ${prefix}:rollout.target to ${others.join(" or ")}`;
    super(
      `Nothing to roll out: ${target} has all traffic already. Declare a new version under ${prefix}:versions${other}.`,
    );
  }
}
