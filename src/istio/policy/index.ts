export { type ClientTlsArgs, TlsMode } from "./clientTls";
export {
  type ConnectionPoolArgs,
  H2UpgradePolicy,
  type Http2KeepAliveArgs,
  type HttpPoolArgs,
  type TcpKeepaliveArgs,
  type TcpPoolArgs,
} from "./connectionPool";
export type {
  ConsistentHashArgs,
  CookieAttributeArgs,
  HashCookieArgs,
  MaglevArgs,
  RingHashArgs,
} from "./consistentHash";
export { LoadBalancer, type LoadBalancingArgs } from "./loadBalancing";
export type { DistributeArgs, FailoverArgs, LocalityLbSettingArgs } from "./locality";
export type { OutlierDetectionArgs } from "./outlierDetection";
export type { RetryBudgetArgs } from "./retryBudget";
export type { WarmupArgs } from "./warmup";
