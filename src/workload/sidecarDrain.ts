import type { Drain } from "./drain";
import type { PodSpec } from "./pod";

/** Istio's annotation that says of one pod whether its sidecar is a native one; since Istio 1.24. */
const NATIVE = "sidecar.istio.io/nativeSidecar";

/** Istio's annotation with settings of one pod's sidecar. */
const CONFIG = "proxy.istio.io/config";

/** The setting that says how long a sidecar goes on after it was told to go. */
const DRAIN_SETTING = "terminationDrainDuration";

type Annotations = Readonly<Record<string, string>>;

/**
 * A pod's annotations, with one by which its sidecar lasts as long as the pod. One that is no native sidecar is told to
 * go in the same moment as the app, and ends 5 seconds later, whatever is still under way.
 *
 * @param spec The whole pod. With settings of its own for the sidecar, it is left alone: see {@link lacksSidecarDrain}.
 */
export function withSidecarDrain(
  annotations: Annotations | undefined,
  { terminationGracePeriodSeconds: own }: Pick<PodSpec, "terminationGracePeriodSeconds">,
  { grace, nativeSidecar }: Drain,
): Annotations | undefined {
  if (isNative(annotations, nativeSidecar) || annotations?.[CONFIG] !== undefined) {
    return annotations;
  }
  return { ...annotations, [CONFIG]: JSON.stringify({ [DRAIN_SETTING]: `${own ?? grace}s` }) };
}

/** Whether a pod has settings of its own for its sidecar, by which that may end before the app. */
export function lacksSidecarDrain(annotations: Annotations | undefined, nativeSidecar: boolean | undefined): boolean {
  const config = annotations?.[CONFIG];
  return (
    !isNative(annotations, nativeSidecar) &&
    config !== undefined &&
    ![DRAIN_SETTING, "EXIT_ON_ZERO_ACTIVE_CONNECTIONS"].some((setting) => config.includes(setting))
  );
}

function isNative(annotations: Annotations | undefined, nativeSidecar = true): boolean {
  const own = annotations?.[NATIVE];
  return own === undefined ? nativeSidecar : own === "true";
}
