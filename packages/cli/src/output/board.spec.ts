import type { GridEvent, Job } from '@equimodal/comparison';
import { expect, it } from 'vitest';
import { Board, type BoardStream } from './board.js';
import { duration } from './duration.js';
import { TimeLeft } from './time-left.js';

const jobs: Job[] = [0, 1].flatMap((seed) => ['concat', 'lfm-h'].map((recipe) => ({ recipe, seed })));
const progress = (job: Job, epoch: number, fraction: number, accuracy: number | null): GridEvent => ({
  ...{ type: 'progress', job, epoch, epochs: 4, fraction, accuracy },
});
const finished = (job: Job, seconds: number): GridEvent => ({
  ...{ type: 'finished', done: 1, total: 4, outcome: { job, dir: '', status: 'completed', accuracy: 0.5, seconds } },
});
const failed = (job: Job): GridEvent => ({
  ...{ type: 'failed', job, done: 2, total: 4 },
  error: { code: 'EQM_RUN_KILLED', message: 'killed', text: '', where: null, scope: 'run' },
});

/** What a terminal would show: the few control sequences that the board uses, carried out. */
function screenOf(text: string): string[] {
  const lines = [''];
  let [row, column] = [0, 0];
  for (const [, sequence, count, kind, char] of text.matchAll(/(\u001b\[\??(\d*)([A-Za-z]))|([^])/g)) {
    if (sequence !== undefined) {
      if (kind === 'A') row -= Number(count);
      if (kind === 'K') lines[row] = lines[row]!.slice(0, column);
      if (kind === 'J') lines.splice(row, Infinity, lines[row]!.slice(0, column));
    } else if (char === '\r') column = 0;
    else if (char === '\n') [row, column] = [row + 1, 0];
    else lines[row] = (lines[row] ?? '').slice(0, column) + char! + (lines[row] ?? '').slice(++column);
    lines[row] ??= '';
  }
  return lines;
}

function board(isTTY: boolean, columns = 100) {
  let [text, clock] = ['', 0];
  const stream: BoardStream = { isTTY, columns, rows: 24, write: (part) => (text += part) };
  return {
    board: new Board({ jobs, slots: 2, stream, now: () => clock }),
    wait: (ms: number) => (clock += ms),
    text: () => text,
    screen: () => screenOf(text),
  };
}

it('shows what is done, running, failed and waiting, with epoch, accuracy and the time left', () => {
  const { board: it, wait, screen } = board(true);
  it.handle({ type: 'started', job: jobs[0]!, slot: 0 });
  it.handle({ type: 'started', job: jobs[1]!, slot: 1 });
  expect(screen()).toEqual([
    expect.stringContaining('0 of 4 done, 2 running, 2 waiting  0 s'),
    '  concat seed 0  starting',
    '  lfm-h seed 0   starting',
  ]);
  it.handle(progress(jobs[0]!, 0, 0, null));
  wait(10_000);
  it.handle(progress(jobs[0]!, 1, 0.5, 0.714));
  // Two runs of 20 s wait, half of one and a whole one are under way, two at a time.
  expect(screen()[0]).toContain('10 s, about 35 s left');
  expect(screen()[1]).toBe('  concat seed 0  █████░░░░░ epoch 2/4  validation 71.4 %');
  it.handle(finished(jobs[0]!, 20));
  it.handle(failed(jobs[1]!));
  it.handle({ type: 'started', job: jobs[2]!, slot: 0 });
  it.handle({ type: 'warning', job: jobs[2]!, message: 'careful' });
  it.handle({ type: 'warning', job: jobs[2]!, message: 'careful' });
  expect(screen()).toEqual([
    '1/4  concat seed 0                accuracy 50.0 %  20.0 s',
    '2/4  lfm-h seed 0                 failed: EQM_RUN_KILLED: killed',
    'warning: careful',
    expect.stringContaining('1 of 4 done, 1 running, 1 failed, 1 waiting  10 s, about 20 s left'),
    '  concat seed 1  starting',
  ]);
  it.close();
  expect(screen().slice(3)).toEqual(['']);
});

it('never writes into the last column, and no control character where there is no terminal', () => {
  const narrow = board(true, 30);
  narrow.board.handle({ type: 'started', job: jobs[0]!, slot: 0 });
  expect(narrow.screen().every((line) => line.length < 30)).toBe(true);
  const plain = board(false);
  for (const job of jobs) plain.board.handle({ type: 'started', job, slot: 0 });
  plain.board.handle(progress(jobs[0]!, 1, 0.5, 0.5));
  plain.board.handle({ type: 'output', job: jobs[0]!, line: 'said' });
  plain.board.handle(finished(jobs[0]!, 3));
  plain.board.close();
  expect(plain.text()).toBe('said\n1/4  concat seed 0                accuracy 50.0 %  3.0 s\n');
});

it('estimates by row, counts only what a continued run does here, and knows nothing at first', () => {
  let clock = 0;
  const left = new TimeLeft(1, () => clock);
  expect(left.left(jobs)).toBeNull();
  left.end(jobs[0]!, 10);
  expect(left.left([jobs[2]!, jobs[3]!])).toBe(20);
  left.begin(jobs[3]!);
  left.progress(jobs[3]!, 0.5);
  clock = 8000;
  left.progress(jobs[3]!, 0.7);
  // 8 s for a fifth: 40 s for the whole.
  expect(left.left([jobs[2]!])).toBeCloseTo(10 + 40 * 0.3, 10);
});

it('says durations as people do', () => {
  expect([41.6, 125, 3599.4, 11_220].map(duration)).toEqual(['42 s', '2 min 05 s', '59 min 59 s', '3 h 07 min']);
});
