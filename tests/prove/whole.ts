import { InvalidArgumentError } from "commander";

/** Reads a whole number of at least that, given as an option. */
export function wholeFrom(least: 0 | 1): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least) {
      throw new InvalidArgumentError(`a whole number from ${least} is needed`);
    }
    return number;
  };
}
