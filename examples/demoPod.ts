/** A pod that passes the «restricted» Pod Security Standard, of an app that is told by variables what it is. */
export function demoPod(name: string, image: string, port: number, variables: Readonly<Record<string, string>>): object {
  const env = Object.entries({ ...variables, PORT: `${port}` }).map(([variable, value]) => ({ name: variable, value }));
  return {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name,
        image,
        env,
        imagePullPolicy: "IfNotPresent",
        ports: [{ name: "http", containerPort: port }],
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
        readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      },
    ],
    volumes: [{ name: "tmp", emptyDir: {} }],
  };
}
