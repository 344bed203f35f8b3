import type { Kubectl } from "../../e2e/support/kubectl";
import { NAMESPACE } from "./app";

/**
 * Waits for a field of an object in the app's namespace to have a value, with a single watch: polling would use CPU
 * time that is being measured.
 */
export async function untilField(
  kubectl: Kubectl,
  object: string,
  path: string,
  value: string | number,
  seconds = 240,
): Promise<void> {
  await kubectl.run("wait", object, "-n", NAMESPACE, `--for=jsonpath={${path}}=${value}`, `--timeout=${seconds}s`);
}
