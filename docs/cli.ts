import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { reference } from "./reference";

writeFileSync(join(__dirname, "reference.md"), reference());
