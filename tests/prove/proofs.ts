import { availability } from "./availability/proof";
import { faults } from "./faults/proof";
import { growth } from "./growth/proof";
import { kills } from "./kills/proof";
import { rivals } from "./rivals/proof";
import type { Proof } from "./proof";

/** All proofs, in the order in which they run if none is named. */
export const PROOFS: readonly Proof[] = [availability, faults, kills, rivals, growth];
