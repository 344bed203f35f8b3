import { FIRST_SHARE, type Running, STEPS } from "../contender";

/** The existing versions and their weights in percent. */
export type Shares = Readonly<Record<string, number>>;

/** A contender that is given versions and weights, and has no notion of a rollout: its steps are separate changes. */
export abstract class Weighted implements Running {
  private shares: Shares = { v1: 100 };

  /** Applies them; resolves when the contender reports that it is done. */
  protected abstract apply(shares: Shares, before: Shares | undefined): Promise<void>;

  async open(): Promise<this> {
    await this.apply(this.shares, undefined);
    return this;
  }

  async begin(version: string): Promise<void> {
    await this.become({ [this.current]: 100, [version]: 0 });
    await this.become({ [this.current]: 100 - FIRST_SHARE, [version]: FIRST_SHARE });
  }

  async step(share: number): Promise<void> {
    const [old, tried] = Object.keys(this.shares);
    await this.become({ [old]: 100 - share, [tried]: share });
  }

  async back(): Promise<void> {
    await this.step(0);
  }

  async tidy(): Promise<void> {
    await this.become({ [this.current]: 100 });
  }

  async rollOut(version: string): Promise<void> {
    const old = this.current;
    await this.become({ [old]: 100, [version]: 0 });
    for (const share of STEPS) {
      await this.become({ [old]: 100 - share, [version]: share });
    }
    await this.become({ [version]: 100 });
  }

  async replace(version: string): Promise<void> {
    await this.become({ [version]: 100 });
  }

  abstract close(): Promise<void>;

  private get current(): string {
    return Object.keys(this.shares)[0];
  }

  private async become(shares: Shares): Promise<void> {
    await this.apply(shares, this.shares);
    this.shares = shares;
  }
}
