import type { GridEvent, Job } from '@equimodal/comparison';
import { duration } from './duration.js';
import { TimeLeft } from './time-left.js';

/** What the board is drawn on: standard error, or a stand-in. */
export interface BoardStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export interface BoardOptions {
  readonly jobs: readonly Job[];
  readonly slots: number;
  readonly stream?: BoardStream;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

interface Row {
  readonly job: Job;
  readonly epoch: number;
  readonly epochs: number | null;
  readonly fraction: number;
  readonly accuracy: number | null;
}

const REDRAW_MS = 100;
const [CLEAR_LINE, CLEAR_BELOW, HIDE, SHOW] = ['\u001b[K', '\u001b[J', '\u001b[?25l', '\u001b[?25h'];

/**
 * Shows how a grid of runs goes: on a terminal a board that stays at the bottom (runs done, failed and waiting, the time left, every
 * running run with its epoch and accuracy); one line for each run that ended in any case.
 */
export class Board {
  readonly #stream: BoardStream;
  readonly #now: () => number;
  readonly #started: number;
  readonly #left: TimeLeft;
  readonly #running = new Map<string, Row>();
  readonly #pending: Map<string, Job>;
  readonly #told = new Set<string>();
  readonly #total: number;
  #done = 0;
  #failed = 0;
  #height = 0;
  #drawnAt = -Infinity;

  constructor({ jobs, slots, stream = process.stderr, now = () => performance.now() }: BoardOptions) {
    this.#stream = stream;
    this.#now = now;
    this.#started = now();
    this.#left = new TimeLeft(slots, now);
    this.#pending = new Map(jobs.map((job) => [nameOf(job), job]));
    this.#total = jobs.length;
  }

  readonly handle = (event: GridEvent): void => {
    switch (event.type) {
      case 'started':
        this.#pending.delete(nameOf(event.job));
        this.#left.begin(event.job);
        this.#running.set(nameOf(event.job), { job: event.job, epoch: 0, epochs: null, fraction: 0, accuracy: null });
        this.#draw(true);
        break;
      case 'progress':
        this.#left.progress(event.job, event.fraction);
        this.#running.set(nameOf(event.job), event);
        this.#draw(false);
        break;
      case 'warning':
        this.#once(`warning: ${event.message}`);
        break;
      case 'output':
        this.print(event.line);
        break;
      case 'postponed':
        this.#end(event.job, null);
        this.#pending.set(nameOf(event.job), event.job);
        this.print(`${nameOf(event.job)} comes again later: ${event.message}`);
        break;
      case 'finished': {
        const { job, status, accuracy, seconds } = event.outcome;
        this.#end(job, status === 'interrupted' ? null : seconds);
        if (status !== 'interrupted') this.#done++;
        const result = accuracy === null ? (status === 'reused' ? 'completed' : status) : `accuracy ${percent(accuracy)}`;
        this.#ended(job, `${result}${status === 'reused' ? ' (reused)' : `  ${seconds.toFixed(1)} s`}`);
        break;
      }
      case 'failed':
        this.#end(event.job, null);
        this.#failed++;
        this.#ended(event.job, `failed: ${event.error.code}: ${event.error.message}`);
        break;
      default:
        event satisfies never;
    }
  };

  /** A line that stays, above the board. */
  print(text: string): void {
    this.#erase();
    this.#stream.write(`${text}\n`);
    this.#draw(true);
  }

  /** Takes the board away. */
  close(): void {
    this.#running.clear();
    this.#erase();
  }

  /** A warning is told once, however many runs give it; each run's signals hold its own. */
  #once(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.print(text);
  }

  #end(job: Job, seconds: number | null): void {
    this.#running.delete(nameOf(job));
    this.#left.end(job, seconds);
  }

  #ended(job: Job, how: string): void {
    const ended = String(this.#done + this.#failed).padStart(String(this.#total).length);
    this.print(`${ended}/${this.#total}  ${nameOf(job).padEnd(28)} ${how}`);
  }

  #erase(): void {
    if (this.#height === 0) return;
    this.#stream.write(`\r${this.#height > 1 ? `\u001b[${this.#height - 1}A` : ''}${CLEAR_BELOW}${SHOW}`);
    this.#height = 0;
  }

  #draw(atOnce: boolean): void {
    if (this.#stream.isTTY !== true || this.#running.size === 0) return;
    if (!atOnce && this.#now() - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = this.#now();
    const [width, height] = [(this.#stream.columns || 80) - 1, (this.#stream.rows || 24) - 1];
    const lines = this.#lines()
      .slice(0, Math.max(1, height))
      .map((line) => line.slice(0, width));
    const up = this.#height > 1 ? `\u001b[${this.#height - 1}A` : '';
    const below = this.#height > lines.length ? CLEAR_BELOW : '';
    this.#stream.write(`${HIDE}\r${up}${lines.map((line) => `${line}${CLEAR_LINE}`).join('\n')}${below}`);
    this.#height = lines.length;
  }

  #lines(): string[] {
    const left = this.#left.left([...this.#pending.values()]);
    const fractions = [...this.#running.values()].reduce((sum, { fraction }) => sum + fraction, 0);
    const counts = [
      `${this.#done} of ${this.#total} done`,
      `${this.#running.size} running`,
      ...(this.#failed > 0 ? [`${this.#failed} failed`] : []),
      ...(this.#pending.size > 0 ? [`${this.#pending.size} waiting`] : []),
    ];
    const time = `${duration((this.#now() - this.#started) / 1000)}${left === null ? '' : `, about ${duration(left)} left`}`;
    const names = [...this.#running.keys()];
    const wide = Math.min(40, Math.max(...names.map((name) => name.length)));
    return [
      `${bar((this.#done + this.#failed + fractions) / this.#total)} ${counts.join(', ')}  ${time}`,
      ...[...this.#running].map(([name, row]) => `  ${name.padEnd(wide)}  ${rowText(row)}`),
    ];
  }
}

function rowText({ epoch, epochs, fraction, accuracy }: Row): string {
  if (epochs === null) return 'starting';
  const at = `epoch ${String(Math.min(epoch + 1, epochs)).padStart(String(epochs).length)}/${epochs}`;
  return `${bar(fraction, 10)} ${at}${accuracy === null ? '' : `  validation ${percent(accuracy)}`}`;
}

const nameOf = ({ recipe, seed }: Job): string => `${recipe} seed ${seed}`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function bar(share: number, width = 20): string {
  const full = Math.round(Math.min(1, share) * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
}
