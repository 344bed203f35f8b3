import { isOlder } from "../../../sandbox/engine/isOlder";
import { testEngine } from "./engine";

/**
 * What Kubernetes providers of different versions do otherwise, as far as a CanaryApp meets it; docs/engine.md tells
 * people.
 */
export interface ProviderBehaviour {
  /** Whether an object that exists already is taken over without a word where it was to be created. */
  takesOverWhatExists: boolean;
  /** The verb whose right the API server says is missing where an object may not be created. */
  creatingVerb: "create" | "patch";
}

/** The version since which creating an object is no server-side apply any more. */
const CREATES = "4.29.0";

/** What the provider of the tests' engine does. */
export async function providerBehaviour(): Promise<ProviderBehaviour> {
  const { provider } = await testEngine();
  return isOlder(provider, CREATES)
    ? { takesOverWhatExists: true, creatingVerb: "patch" }
    : { takesOverWhatExists: false, creatingVerb: "create" };
}
