/**
 * The statuses of gRPC that are the server's fault: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE,
 * DATA_LOSS. The others say that the caller asked for something wrong, had no right to it, asked too often, or went
 * away.
 */
const SERVERS_FAULT = ["2", "4", "12", "13", "14", "15"];

/** Whether a status, as the number that metrics have for it, is the server's fault. */
export function isServersFault(status: string): boolean {
  return SERVERS_FAULT.includes(status);
}
