import type { GridEvent, Job } from '@equimodal/comparison';

/** Shows how a grid of runs goes: a live line on a terminal, one line per finished run in any case. */
export class GridProgress {
  readonly #started = performance.now();
  readonly #running = new Map<string, number>();
  readonly #warned = new Set<string>();
  #done = 0;

  constructor(
    private readonly total: number,
    private readonly stream: NodeJS.WriteStream = process.stderr,
  ) {}

  readonly handle = (event: GridEvent): void => {
    if (event.type === 'started') this.#running.set(name(event.job), 0);
    if (event.type === 'progress') this.#running.set(name(event.job), event.fraction);
    if (event.type === 'warning') this.#warn(event.message);
    if (event.type === 'finished') {
      const { job, status, accuracy, seconds } = event.outcome;
      this.#finish(job, event.done);
      const result = accuracy === null ? status : `accuracy ${(100 * accuracy).toFixed(1)} %`;
      this.#line(`${this.#count()}  ${name(job).padEnd(28)} ${result}${status === 'reused' ? ' (reused)' : `  ${seconds.toFixed(1)} s`}`);
    }
    if (event.type === 'failed') {
      this.#finish(event.job, event.done);
      this.#line(`${this.#count()}  ${name(event.job).padEnd(28)} failed: ${event.error.message}`);
    }
    this.#live();
  };

  /** Removes the live line. */
  close(): void {
    if (this.stream.isTTY) this.stream.write('\r\u001b[K');
  }

  /** A warning is told once, however many runs give it; each run's signals hold its own. */
  #warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#line(`warning: ${message}`);
  }

  #finish(job: Job, done: number): void {
    this.#running.delete(name(job));
    this.#done = done;
  }

  #count(): string {
    return `${String(this.#done).padStart(String(this.total).length)}/${this.total}`;
  }

  #line(text: string): void {
    this.stream.write(this.stream.isTTY ? `\r\u001b[K${text}\n` : `${text}\n`);
  }

  #live(): void {
    if (!this.stream.isTTY) return;
    const share = (this.#done + [...this.#running.values()].reduce((a, b) => a + b, 0)) / this.total;
    const elapsed = (performance.now() - this.#started) / 1000;
    const left = share > 0.02 ? `${duration((elapsed / share) * (1 - share))} left` : '';
    const runs = [...this.#running].map(([run, fraction]) => `${run} ${Math.floor(100 * fraction)} %`).join(', ');
    const text = `${bar(share)} ${Math.floor(100 * share)} %  ${duration(elapsed)}  ${left}  ${runs}`;
    this.stream.write(`\r\u001b[K${text.slice(0, Math.max(20, (this.stream.columns ?? 80) - 1))}`);
  }
}

const name = ({ recipe, seed }: Job): string => `${recipe} seed ${seed}`;

function bar(share: number, width = 20): string {
  const full = Math.round(share * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
}

/** `2 min 05 s`, `42 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
