import type { Kind } from "../kind";
import { interrupted } from "./interrupted";
import { MESH_KINDS } from "./mesh";
import { POD_KINDS } from "./pods";
import { ROUTING_KINDS } from "./routing";
import { VERSION_KINDS } from "./versions";

/** All kinds of change, in the order in which they are made. */
export const KINDS: readonly Kind[] = [...VERSION_KINDS, ...POD_KINDS, ...ROUTING_KINDS, ...MESH_KINDS, interrupted];
