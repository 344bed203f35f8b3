/** An API server as people know it. */
export interface NamedCluster {
  /** Its address, without user and password. */
  server: string;
  /** The kubeconfig's context by which it was found; missing for a pod's own account. */
  context?: string;
}

/** An API server in words: `https://prod.example.com (context prod)`. */
export function clusterText({ server, context }: NamedCluster): string {
  return context === undefined ? server : `${server} (context ${context})`;
}
