import { errorMessage } from "../../internal/http/errorMessage";
import { ApiServerUnreachableError, type KubernetesApi, type PodRequest } from "../../internal/kubernetes/api";
import type { ProxyPod } from "./proxyPods";

/** Where every proxy of Istio's tells its own counters. */
const STATS_PORT = 15090;

/**
 * How long the API server may take to reach a proxy itself, in ms. Firewalls drop what they do not let through, and the
 * API server would wait for half a minute.
 */
const PROXIED_MS = 5000;

/** How long the way through the kubelet may take, in ms: what stands before the API server may swallow WebSockets. */
const FORWARDED_MS = 10_000;

const WHAT_TO_DO =
  "allow the kubeconfig's user to get and create pods/portforward there, which goes through the kubelet; " +
  `or let the API server reach port ${STATS_PORT} of the pods (network policies, firewalls) and the user get pods/proxy; ` +
  "or have the metrics read from a Prometheus (source.prometheus)";

/**
 * Reads what proxies tell at their own port. The API server can ask them itself (`pods/proxy`), or the pod's kubelet
 * (`pods/portforward`), which it reaches where firewalls and network policies keep it from the pods. The way that worked
 * last is taken first.
 */
export class ProxyStats {
  private forwards = false;

  constructor(private readonly api: Pick<KubernetesApi, "proxiedText" | "forwardedText">) {}

  /** Whether the kubelets were asked last. */
  get isForwarding(): boolean {
    return this.forwards;
  }

  /**
   * What a proxy answers to a path such as `/stats/prometheus`.
   *
   * @throws Error that says why neither way leads there, and what to do
   */
  async text({ namespace, name }: ProxyPod, path: string, signal: AbortSignal): Promise<string> {
    const asked: PodRequest = { namespace, pod: name, port: STATS_PORT, path };
    const isForward = this.forwards;
    try {
      return await this.byOneWay(isForward, asked, signal);
    } catch (one) {
      signal.throwIfAborted();
      // Of a port-forward it says that WebSockets do not get through, as with some proxies: other requests may.
      if (!isForward && one instanceof ApiServerUnreachableError) {
        throw one;
      }
      try {
        return await this.byOneWay(!isForward, asked, signal);
      } catch (other) {
        signal.throwIfAborted();
        if (isForward && other instanceof ApiServerUnreachableError) {
          throw other;
        }
        const [proxied, forwarded] = (isForward ? [other, one] : [one, other]).map(errorMessage);
        throw new Error(`${proxied}; by port-forward: ${forwarded}. What can be done: ${WHAT_TO_DO}`);
      }
    }
  }

  private async byOneWay(isForward: boolean, asked: PodRequest, signal: AbortSignal): Promise<string> {
    const text = await (isForward ? this.forwarded(asked, signal) : this.proxied(asked, signal));
    this.forwards = isForward;
    return text;
  }

  private proxied(asked: PodRequest, signal: AbortSignal): Promise<string> {
    const late = `the API server has not reached port ${STATS_PORT} of the pod within ${PROXIED_MS / 1000} s`;
    return within(PROXIED_MS, late, signal, (limited) => this.api.proxiedText(asked, limited));
  }

  private forwarded(asked: PodRequest, signal: AbortSignal): Promise<string> {
    const late = `there was no answer within ${FORWARDED_MS / 1000} s`;
    return within(FORWARDED_MS, late, signal, (limited) => this.api.forwardedText(asked, limited));
  }
}

async function within<T>(
  milliseconds: number,
  late: string,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(milliseconds);
  try {
    return await work(AbortSignal.any([signal, limit]));
  } catch (error) {
    throw limit.aborted && !signal.aborted ? new Error(late) : error;
  }
}
