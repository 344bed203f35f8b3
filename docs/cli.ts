import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { reference } from "./reference";
import { rolloutSettings } from "./rolloutSettings";

writeFileSync(join(__dirname, "reference.md"), reference());
writeFileSync(join(__dirname, "rollout-settings.md"), rolloutSettings());
