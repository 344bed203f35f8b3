/*
 * Live objects with the fields' managers as an API server of Kubernetes 1.35 has them, cut to what is looked at: a
 * Deployment that Pulumi's provider 4.25 has applied, and what each command of kubectl leaves on it.
 */

const TEMPLATE_LABELS = { app: "shop", version: "v1" };

const ofPulumi = {
  manager: "pulumi-kubernetes-1f2e3d4c",
  operation: "Apply",
  apiVersion: "apps/v1",
  time: "2026-03-01T11:00:00Z",
  fieldsType: "FieldsV1",
  fieldsV1: {
    "f:metadata": { "f:annotations": { "f:pulumi.com/patchForce": {} } },
    "f:spec": {
      "f:replicas": {},
      "f:template": {
        "f:metadata": { "f:labels": { "f:app": {}, "f:version": {} } },
        "f:spec": {
          "f:containers": {
            'k:{"name":"shop"}': {
              ".": {},
              "f:env": { 'k:{"name":"FEATURE"}': { ".": {}, "f:name": {}, "f:value": {} } },
              "f:image": {},
              "f:name": {},
            },
          },
        },
      },
    },
  },
};

const ofController = {
  manager: "kube-controller-manager",
  operation: "Update",
  subresource: "status",
  apiVersion: "apps/v1",
  time: "2026-03-01T11:00:05Z",
  fieldsType: "FieldsV1",
  fieldsV1: {
    "f:metadata": { "f:annotations": { "f:deployment.kubernetes.io/revision": {} } },
    "f:status": { "f:availableReplicas": {}, "f:observedGeneration": {}, "f:readyReplicas": {} },
  },
};

const byKubectl = (manager: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation: "Update",
  apiVersion: "apps/v1",
  time: "2026-03-01T12:00:00Z",
  fieldsType: "FieldsV1",
  fieldsV1,
  ...more,
});

interface Changed {
  metadata?: { labels?: object; annotations?: object };
  replicas?: number;
  image?: string;
  env?: readonly { name: string; value: string }[];
  podAnnotations?: object;
}

const deployment = (managers: readonly object[], changed: Changed = {}) => {
  const { metadata = {}, replicas = 2, image = "example.com/shop:1.0", podAnnotations } = changed;
  const env = changed.env ?? [{ name: "FEATURE", value: "on" }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "shop-v1",
      namespace: "shop",
      uid: "6ad1e5a1-0000-4000-8000-000000000001",
      generation: 3,
      labels: metadata.labels,
      annotations: {
        "deployment.kubernetes.io/revision": "2",
        "pulumi.com/patchForce": "true",
        ...metadata.annotations,
      },
      managedFields: [ofPulumi, ...managers, ofController],
    },
    spec: {
      replicas,
      progressDeadlineSeconds: 600,
      template: {
        metadata: { labels: TEMPLATE_LABELS, annotations: podAnnotations },
        spec: {
          containers: [{ name: "shop", image, imagePullPolicy: "IfNotPresent", env, terminationMessagePolicy: "File" }],
          dnsPolicy: "ClusterFirst",
        },
      },
    },
    status: { readyReplicas: 2 },
  };
};

const inContainer = (fields: object) => ({
  "f:spec": { "f:template": { "f:spec": { "f:containers": { 'k:{"name":"shop"}': fields } } } },
});

const WEIGHTS = (first: number, second: number) => ({
  hosts: ["shop.example.com"],
  http: [
    {
      route: [
        { destination: { host: "shop", subset: "v1" }, weight: first },
        { destination: { host: "shop", subset: "v2" }, weight: second },
      ],
    },
  ],
});

export const RECORDED = {
  untouched: deployment([]),
  /** `kubectl rollout restart`. */
  restarted: deployment(
    [
      byKubectl("kubectl-rollout", {
        "f:spec": {
          "f:template": { "f:metadata": { "f:annotations": { ".": {}, "f:kubectl.kubernetes.io/restartedAt": {} } } },
        },
      }),
    ],
    { podAnnotations: { "kubectl.kubernetes.io/restartedAt": "2026-03-01T12:00:00Z" } },
  ),
  /** `kubectl scale`, which goes through a subresource. */
  scaled: deployment([byKubectl("kubectl", { "f:spec": { "f:replicas": {} } }, { subresource: "scale" })], {
    replicas: 12,
  }),
  /** `kubectl set image`. */
  imageSet: deployment([byKubectl("kubectl-set", inContainer({ "f:image": {} }))], {
    image: "example.com/shop:hotfix",
  }),
  /** `kubectl set env`. */
  envSet: deployment(
    [
      byKubectl(
        "kubectl-set",
        inContainer({
          "f:env": {
            'k:{"name":"DEBUG"}': { ".": {}, "f:name": {}, "f:value": {} },
            'k:{"name":"FEATURE"}': { "f:value": {} },
          },
        }),
      ),
    ],
    {
      env: [
        { name: "FEATURE", value: "off" },
        { name: "DEBUG", value: "1" },
      ],
    },
  ),
  /** `kubectl annotate`, `kubectl label`, and what `kubectl apply` keeps for itself. */
  annotated: deployment(
    [
      byKubectl("kubectl-annotate", { "f:metadata": { "f:annotations": { "f:owner": {} } } }),
      byKubectl("kubectl-label", { "f:metadata": { "f:labels": { ".": {}, "f:team": {} } } }),
      byKubectl("kubectl-client-side-apply", {
        "f:metadata": { "f:annotations": { "f:kubectl.kubernetes.io/last-applied-configuration": {} } },
      }),
    ],
    {
      metadata: {
        labels: { team: "shop" },
        annotations: { owner: "ada", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      },
    },
  ),
  /** `kubectl edit` of a VirtualService, whose lists have no keys. */
  edited: {
    live: {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: {
        name: "shop",
        namespace: "shop",
        managedFields: [
          byKubectl("kubectl-edit", { "f:spec": { "f:http": {} } }, { apiVersion: "networking.istio.io/v1" }),
        ],
      },
      spec: WEIGHTS(60, 40),
    },
    program: {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "shop", namespace: "shop" },
      spec: WEIGHTS(75, 25),
    },
  },
  /** `kubectl patch` of a Secret. */
  secret: {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "s",
      namespace: "shop",
      managedFields: [byKubectl("kubectl-patch", { "f:data": { "f:extra": {}, "f:token": {} } }, { apiVersion: "v1" })],
    },
    data: { extra: "aHVudGVyMg==", token: "aHVudGVyMg==" },
  },
};
