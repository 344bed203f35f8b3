/** How the command ends. */
export const ExitCode = {
  /** Done; of a run: promoted. */
  Done: 0,
  Failed: 1,
  /** A wrong call, or wrong settings; nothing was changed. */
  Usage: 2,
  /** A gate or a deadline, or an `up` that failed, sent the run back. */
  RolledBack: 3,
  /** A person ended it, or the process was told to end; the run went back. */
  Aborted: 4,
  /** Another run has the stack. */
  Locked: 5,
  /** The version to roll out has all traffic already. */
  NothingToRollOut: 6,
  /** Of a preview: something changes. */
  Changes: 10,
  /** Of a preview: there are more warnings than were allowed. */
  TooManyWarnings: 11,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What help says of them. */
export const EXIT_CODES_HELP = `Exit codes:
  0  done; for a run: promoted
  1  failed; for a rollout also: not started, because the stack has changed since it was planned
  2  usage error or invalid settings; nothing was changed
  3  rolled back by a gate, a deadline or a failed up
  4  rolled back by a person, or because the process was told to terminate
  5  the stack is locked by another run
  6  nothing to roll out: the version has all traffic already
  10 for a preview: something changes; 11: more warnings than allowed`;
