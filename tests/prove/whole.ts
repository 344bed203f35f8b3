import { InvalidArgumentError } from "commander";

/** A whole number from 1, given as an option. */
export function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new InvalidArgumentError("a whole number from 1 is needed");
  }
  return Number(text);
}
