import type { Unwrap } from "@pulumi/pulumi";

/** Arguments whose inputs have all become plain values: what the pure functions here work on. */
export type Plain<T> = Unwrap<T>;
