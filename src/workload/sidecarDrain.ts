import type { Drain } from "./drain";
import type { PodSpec } from "./pod";

/** Istio's annotation that decides for one pod whether its sidecar is a native one; since Istio 1.24. */
const NATIVE = "sidecar.istio.io/nativeSidecar";

/** Istio's annotation for settings of one pod's sidecar. */
const CONFIG = "proxy.istio.io/config";

/** The setting of how long a sidecar drains when its pod terminates. */
const DRAIN_SETTING = "terminationDrainDuration";

type Annotations = Readonly<Record<string, string>>;

/**
 * A pod's annotations, including one that makes its sidecar last as long as the pod. A sidecar that is not native
 * starts to terminate together with the app, and ends 5 seconds later, whatever requests are still open.
 *
 * @param spec The whole pod. If it has sidecar settings of its own, it is left alone: see {@link lacksSidecarDrain}.
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

/** Whether a pod has sidecar settings of its own, with which the sidecar may end before the app. */
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
