import * as pulumi from "@pulumi/pulumi";
import { registered } from "../src/internal/pulumiSdk/registered";

/**
 * What an app changes around the update of its VirtualService, whose hook waits for other resources meanwhile. Apps of
 * one program take their steps one after the other, or each would hold one of the engine's workers while it waits for
 * another.
 */
export class RoutesSteps {
  /** @param seconds How long proxies need to know new pods, and to forget old routes. */
  constructor(private readonly seconds: pulumi.Input<number>) {}

  /**
   * Holds the VirtualService's inputs back until no other app of this program is in the middle of its steps: each holds
   * one of the engine's workers.
   */
  whenAlone<T>(value: pulumi.Output<T>): pulumi.Output<T> {
    const previous = underWay.get(monitor());
    return previous === undefined ? value : pulumi.output(previous).apply(() => value);
  }

  /** Makes the apps that come after this one wait for its VirtualService, whether that succeeds or fails. */
  begin(routes: pulumi.Resource): void {
    underWay.set(
      monitor(),
      registered(routes).then(
        () => true,
        () => false, // the engine says why
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

/** What the program run is known by. */
function monitor(): object {
  return pulumi.runtime.getMonitor() as object;
}

/** A moment that someone else brings about, with what it brings. */
export class Turn<T = void> {
  readonly taken: Promise<T>;
  take!: (value: T) => void;

  constructor() {
    this.taken = new Promise((resolve) => (this.take = resolve));
  }
}
