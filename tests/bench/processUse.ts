import { cpuSeconds, memoryMb, programOf } from "./processes";

/** What processes took while they were watched. */
export interface ProcessUse {
  seconds: number;
  /** Processor time, in seconds. */
  cpuSeconds: number;
  /** The most memory of all of them together, in MB. */
  peakMb: number;
  /** The processor time of each program, in seconds. */
  cpuByProgram: Record<string, number>;
  /** The most memory of each program, in MB. */
  peakMbByProgram: Record<string, number>;
}

/** How often processes are looked at, in ms: what one does between its last look and its end is not seen. */
const INTERVAL_MS = 100;

/** Watches processes that may come and go, until it is stopped. */
export function watchProcesses(which: () => readonly number[]): { stop(): ProcessUse } {
  const first = new Map(which().map((pid) => [pid, cpuSeconds(pid)]));
  const seen = new Map<number, { program: string; cpu: number }>();
  const peaks: Record<string, number> = {};
  let peakMb = 0;
  const look = () => {
    const pids = which();
    const memory = pids.map((pid) => ({ program: programOf(pid), mb: memoryMb(pid) }));
    peakMb = Math.max(
      peakMb,
      memory.reduce((sum, { mb }) => sum + mb, 0),
    );
    memory.forEach(({ program, mb }) => (peaks[program] = Math.max(peaks[program] ?? 0, mb)));
    // One that ends while it is looked at has no name any more.
    pids.forEach((pid, index) =>
      seen.set(pid, {
        program: memory[index].program || (seen.get(pid)?.program ?? ""),
        cpu: Math.max(seen.get(pid)?.cpu ?? 0, cpuSeconds(pid) - (first.get(pid) ?? 0)),
      }),
    );
  };
  const began = performance.now();
  look();
  const timer = setInterval(look, INTERVAL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      const cpuByProgram: Record<string, number> = {};
      seen.forEach(({ program, cpu }) => (cpuByProgram[program] = (cpuByProgram[program] ?? 0) + cpu));
      const cpu = Object.values(cpuByProgram).reduce((sum, each) => sum + each, 0);
      return {
        seconds: (performance.now() - began) / 1000,
        cpuSeconds: cpu,
        peakMb,
        cpuByProgram,
        peakMbByProgram: peaks,
      };
    },
  };
}
