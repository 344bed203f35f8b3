import type { Contender } from "../contender";
import { argoRollouts } from "./argoRollouts";
import { canaryRollout } from "./canaryRollout";
import { flagger } from "./flagger";
import { helm } from "./helm";
import { kubectl } from "./kubectl";
import { pulumiUp } from "./pulumiUp";

/** All of them, in the document's order. */
export const CONTENDERS: readonly Contender[] = [canaryRollout, pulumiUp, argoRollouts, flagger, helm, kubectl];
