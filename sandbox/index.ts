// A real cluster of one node, with Istio's images, built from package registries alone. It lives in namespaces of its
// own, and taking it down leaves no trace.

export { down, importImage, up } from "./cluster/lifecycle";
export { environment, environmentVariables, exportLines, type Environment } from "./cluster/environment";
export { status, type Status } from "./cluster/status";
export { DEFAULT_NAME, type DownOptions, type SandboxOptions, type UpOptions } from "./cluster/options";
export { AbortedError, PreflightError, SandboxError } from "./cluster/errors";
export type { MemoryUse } from "./cluster/cgroups";
export type { ProgramStatus } from "./cluster/waiting";
