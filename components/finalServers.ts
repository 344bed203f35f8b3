import * as pulumi from "@pulumi/pulumi";
import type { GatewayServerArgs } from "../src/istio/gatewayServer";
import { isOutput } from "../src/internal/pulumiSdk/marks";
import { onceCreated } from "./onceCreated";

/** A Gateway's servers, as they are given in arguments. */
type Servers = pulumi.Input<pulumi.Input<GatewayServerArgs>[]>;

/**
 * A value that was computed from a Gateway's servers: unknown in a preview until they are final. The name of a
 * certificate's Secret does not matter here: it may belong to a Secret that is still to be created.
 */
export function finalServers<T>(value: pulumi.Output<T>, servers: Servers | undefined): pulumi.Output<T> {
  const decisive = Array.isArray(servers) ? pulumi.output(servers.map(withoutTls)) : pulumi.output(servers);
  return onceCreated<unknown>(decisive).apply(() => value) as pulumi.Output<T>;
}

function withoutTls(server: pulumi.Input<GatewayServerArgs>): unknown {
  return typeof server !== "object" || server === null || isOutput(server) || server instanceof Promise
    ? server
    : { ...(server as GatewayServerArgs), tls: undefined };
}
