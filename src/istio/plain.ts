import type { Unwrap } from "@pulumi/pulumi";

/** Arguments whose inputs have all been resolved to plain values, as the pure functions here need them. */
export type Plain<T> = Unwrap<T>;
