import type { Job } from '@equimodal/comparison';

interface Running {
  /** When it began here, in milliseconds. */
  readonly began: number;
  /** Share that was done by then: a run that is continued does not begin at 0. */
  readonly from: number | null;
  readonly fraction: number;
}

/**
 * How long the rest of a grid takes. A run is taken to cost what finished runs of its row cost on average; of a row without one, what
 * the running ones seem to cost, else the mean over all rows.
 */
export class TimeLeft {
  readonly #seconds = new Map<string, number[]>();
  readonly #running = new Map<string, Running & { readonly job: Job }>();

  constructor(
    private readonly slots: number,
    private readonly now: () => number,
  ) {}

  begin(job: Job): void {
    this.#running.set(keyOf(job), { job, began: this.now(), from: null, fraction: 0 });
  }

  progress(job: Job, fraction: number): void {
    const before = this.#running.get(keyOf(job));
    if (before === undefined) return;
    // The clock of a run starts with its first step: loading the data is not part of it.
    const started = before.from === null ? { began: this.now(), from: fraction } : {};
    this.#running.set(keyOf(job), { ...before, ...started, fraction });
  }

  /** @param seconds what the whole run took; null for one that failed. */
  end(job: Job, seconds: number | null): void {
    this.#running.delete(keyOf(job));
    if (seconds === null) return;
    const list = this.#seconds.get(job.recipe);
    if (list === undefined) this.#seconds.set(job.recipe, [seconds]);
    else list.push(seconds);
  }

  /** In seconds, null as long as nothing is known. */
  left(pending: readonly Job[]): number | null {
    const known = new Map([...this.#seconds].map(([row, list]) => [row, mean(list)]));
    const seem: number[] = [];
    for (const { job, began, from, fraction } of this.#running.values()) {
      const share = fraction - (from ?? 0);
      if (share < 0.05) continue;
      const cost = (this.now() - began) / 1000 / share;
      seem.push(cost);
      if (!known.has(job.recipe)) known.set(job.recipe, cost);
    }
    const every = [...known.values()];
    if (every.length === 0) return null;
    const cost = ({ recipe }: Job): number => known.get(recipe) ?? mean(every);
    const running = [...this.#running.values()].map(({ job, fraction }) => cost(job) * (1 - fraction));
    const sum = [...pending.map(cost), ...running].reduce((a, b) => a + b, 0);
    // No shorter than the longest of those under way.
    return Math.max(sum / this.slots, ...running, 0);
  }
}

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const keyOf = ({ recipe, seed }: Job): string => `${recipe} ${seed}`;
