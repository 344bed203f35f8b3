/**
 * The only status of class 1xx after which there is no other answer: the connection speaks another protocol from then
 * on, such as WebSocket. 100, 102 and 103 are each followed by the answer itself.
 */
export const SWITCHING_PROTOCOLS = "101";

/**
 * Whether one of Envoy's counters of answers is one of those that have each final answer once. It counts them all by
 * class of status (`2xx`) and once more by code (`200`); the class `1xx` mixes final ones with others.
 */
export function countsFinalAnswers({ ofClass, ofCode }: { ofClass?: string; ofCode?: string }): boolean {
  return ofClass === undefined ? ofCode === SWITCHING_PROTOCOLS : ofClass !== "1xx";
}
