import { type Secrets, confidential, outgoingHeaders } from "../../internal/http/secrets";
import { httpUrl } from "../../internal/http/url";
import type { ClusterReference } from "../../internal/kubernetes/api";
import type { Findings } from "../../validation/problem";
import { type Check, entries, list, required, shape } from "../../validation/shape";
import { amount, dnsLabel, port, text } from "../../validation/values";
import { EnvoyCounters, type EnvoySettings } from "./envoyCounters";
import { Prometheus } from "./prometheus";
import type { PrometheusServer } from "./prometheusApi";
import type { MetricsSource } from "./source";

/** Where the metrics for the gates come from. */
export interface SourceSettings {
  /**
   * A Prometheus that collects the mesh's metrics.
   * @default none: Envoy's counters are read through the Kubernetes API
   */
  prometheus?: PrometheusServer;
  /** How Envoy's counters are read where there is no Prometheus. */
  envoy?: EnvoySettings;
  /** The domain of the cluster's Services. @default the config's `mesh.clusterDomain`, else "cluster.local" */
  domain?: string;
  /**
   * The port of the app's Service whose requests are counted, 1 to 65535, for an app of several ports. Prometheus is
   * asked for Envoy's counters then, which alone tell ports apart.
   * @default those of all ports together
   */
  port?: number;
}

/** What metrics are wanted of. */
export interface SourceSubject {
  app: string;
  namespace: string;
  versions: readonly string[];
  /** The domain of the cluster's Services, where the settings name none. @default "cluster.local" */
  domain?: string;
  /** The cluster that the app lives in; where it is not known, why is told when metrics are asked for. */
  cluster?: () => Promise<ClusterReference>;
}

const LABELS = entries("an object of texts by label names", text("a label's text"));

const SETTINGS: Check = shape({
  prometheus: shape({
    url: required(httpUrl, "the URL of its API, without /api/v1,"),
    token: confidential,
    headers: outgoingHeaders,
    timeoutSeconds: amount(0.1, 600, "a number of seconds from 0.1 to 600"),
  }),
  envoy: shape({
    gateways: list(
      shape({ namespace: required(dnsLabel(), "a namespace"), selector: LABELS }),
      "a list of gateways' pods",
    ),
    callers: list(dnsLabel(), "a list of namespaces"),
    intervalSeconds: amount(0.5, 300, "a number of seconds from 0.5 to 300"),
  }),
  domain: text("a domain such as cluster.local"),
  port,
});

/** Records what is wrong with where metrics are to come from. */
export function checkSource(settings: unknown, findings: Findings): void {
  SETTINGS(settings, findings);
}

/** The source that the settings name; nothing is asked of it before its `start`. */
export function makeSource(
  { prometheus, envoy, domain: named, port: counted }: SourceSettings,
  { app, namespace, versions, domain: own, cluster }: SourceSubject,
  secrets?: Secrets,
): MetricsSource {
  const domain = named ?? own;
  return prometheus === undefined
    ? new EnvoyCounters({ ...envoy, app, namespace, domain, port: counted, cluster })
    : new Prometheus({ ...prometheus, app, namespace, versions, domain, port: counted }, secrets);
}
