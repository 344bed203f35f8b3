/** The sandbox that all proofs share, apart from the tests' and the demo's. */
export const SANDBOX_OF_PROOFS = "prove";
