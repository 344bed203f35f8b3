/** What stands for a secret where nobody may open it. */
export const CLOSED_SECRET = "[secret]";
