import { hostname, userInfo } from "node:os";

/** Who is at this terminal, as `user@host`. */
export function currentUser(): string {
  return `${userInfo().username}@${hostname()}`;
}
