/** The type tokens of this package's components, which are part of the state and the URNs of every stack. */
export const ComponentType = {
  CanaryApp: "canary-app:index:CanaryApp",
  AppVersion: "canary-app:index:AppVersion",
  IstioMesh: "canary-app:index:IstioMesh",
  SharedGateway: "canary-app:index:SharedGateway",
} as const;
