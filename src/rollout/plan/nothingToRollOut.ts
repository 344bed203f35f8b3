/** The target has all traffic already: no mistake, but nothing to roll out either. */
export class NothingToRollOutError extends Error {
  override readonly name = "NothingToRollOutError";

  /**
   * @param target The version that would be rolled out.
   * @param versions All of the app.
   * @param prefix Where its config keys begin, e.g. `shop`.
   * @param others The targets of the apps that would take the same steps, e.g. `v3 of cart`. @default none
   */
  constructor(target: string, versions: readonly string[], prefix: string, others: readonly string[] = []) {
    const rest = versions.filter((version) => version !== target);
    const other = rest.length === 0 ? "" : `, or set ${prefix}:rollout.target to ${rest.join(" or ")}`;
    const together = others.map((each) => `, and so has ${each}`).join("");
    super(
      `Nothing to roll out: ${target} has all traffic already${together}. Declare a new version under ${prefix}:versions${other}.`,
    );
  }
}
