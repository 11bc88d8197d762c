/** How a machine's cores are shared out among runs. */
export interface PoolShape {
  /** Runs at a time, a process each. */
  readonly processes: number;
  /** Threads of each process's engine. */
  readonly threads: number;
}

/**
 * Fills the cores without running more threads than there are: small networks gain more from a
 * process of their own than from a second thread, so there are as many processes as runs and cores
 * allow, and what is left over becomes threads. What is asked for is taken as given.
 *
 * @param cores processors this process may use.
 * @param asked.runs how many there are to do.
 * @param asked.jobs how many at a time; default: as many as the cores bear.
 * @param asked.threads threads of each.
 */
export function poolShape(
  cores: number,
  asked: { readonly runs?: number | undefined; readonly jobs?: number | undefined; readonly threads?: number | undefined } = {},
): PoolShape {
  const { runs = Infinity, threads } = asked;
  const jobs = asked.jobs ?? Math.max(1, Math.floor(cores / (threads ?? 1)));
  const processes = Math.max(1, Math.min(runs, jobs));
  return { processes, threads: threads ?? Math.max(1, Math.floor(cores / processes)) };
}
