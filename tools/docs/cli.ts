import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { reference } from "./reference";
import { rolloutSettings } from "./rolloutSettings";
import { inferredSchema } from "./schema";

writeFileSync(join(__dirname, "../../docs/reference.md"), reference(inferredSchema()));
writeFileSync(join(__dirname, "../../docs/rollout-settings.md"), rolloutSettings());
