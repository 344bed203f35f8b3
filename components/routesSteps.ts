import * as pulumi from "@pulumi/pulumi";
import { registered } from "../src/internal/pulumiSdk/registered";

/**
 * The resources that an app changes around the update of its VirtualService, whose hook waits for them. The apps of one
 * program take turns: otherwise each would occupy one of the engine's workers while it waits for another.
 */
export class RoutesSteps {
  /** @param seconds The propagation delay: how long proxies need to learn of new pods, and to forget old routes. */
  constructor(private readonly seconds: pulumi.Input<number>) {}

  /**
   * Delays the VirtualService's inputs until no other app of this program is in the middle of its steps: each occupies
   * one of the engine's workers.
   */
  whenAlone<T>(value: pulumi.Output<T>): pulumi.Output<T> {
    const previous = underWay.get(monitor());
    return previous === undefined ? value : pulumi.output(previous).apply(() => value);
  }

  /** Makes the next apps wait for this one's VirtualService, whether that succeeds or fails. */
  begin(routes: pulumi.Resource): void {
    underWay.set(
      monitor(),
      registered(routes).then(
        () => true,
        () => false, // the engine reports why
      ),
    );
  }

  protected async settleIf(needed: boolean): Promise<void> {
    if (needed) {
      await new Promise<void>(
        (resolve) => void pulumi.output(this.seconds).apply((known) => void setTimeout(resolve, known * 1000)),
      );
    }
  }
}

/** By program run: whether the VirtualService that was registered last succeeded, once it is done. */
const underWay = new WeakMap<object, Promise<boolean>>();

/** What identifies the program run. */
function monitor(): object {
  return pulumi.runtime.getMonitor() as object;
}

/** A promise that is resolved from outside, with its value. */
export class Turn<T = void> {
  readonly taken: Promise<T>;
  take!: (value: T) => void;

  constructor() {
    this.taken = new Promise((resolve) => (this.take = resolve));
  }
}
