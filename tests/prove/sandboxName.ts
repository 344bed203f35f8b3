/** The sandbox that all proofs share, separate from those of the tests and the demo. */
export const SANDBOX_OF_PROOFS = "prove";
