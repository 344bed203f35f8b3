import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { reference } from "./reference";
import { rolloutSettings } from "./rolloutSettings";

writeFileSync(join(__dirname, "../../docs/reference.md"), reference());
writeFileSync(join(__dirname, "../../docs/rollout-settings.md"), rolloutSettings());
