import { RandomStream, type ModalitySpec, type Split } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { disposeTree } from '@equimodal/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchRows, readPass } from './batches.js';
import { Subset } from './subset.js';

const modalities: ModalitySpec[] = [{ name: 'x', kind: 'vector', shape: [1] }];
const batches = batchRows(5, 2);

beforeAll(async () => void (await startTestEngine()));

/** A split that notes what is asked of it; row 4 may fail. */
function noted(readsAhead: boolean, fails = false): { split: Split; log: string[] } {
  const log: string[] = [];
  const split: Split = {
    size: 5,
    labels: new Int32Array(5),
    readsAhead,
    async read(rows, random, names) {
      log.push(`read ${rows.join()} ${names?.join()} ${random?.path}`);
      await Promise.resolve();
      if (fails && rows.includes(4)) throw new Error('row 4');
      return { x: Float32Array.from(rows) };
    },
  };
  return { split, log };
}

async function visit(split: Split, log: string[], until = Infinity): Promise<void> {
  const random = new RandomStream(0, 'pass');
  for await (const { step, rows, batch } of readPass(split, batches, modalities, { randomAt: (at) => random.at(at) })) {
    log.push(`work ${step} ${rows.join()} ${String(batch['inputs/x']!.dataSync())}`);
    disposeTree(batch);
    if (step === until) break;
  }
}

describe('the batches of a pass', () => {
  it('are read one by one', async () => {
    const { split, log } = noted(false);
    await visit(split, log);
    expect(log).toEqual([
      ...['read 0,1 x pass/0', 'work 0 0,1 0,1', 'read 2,3 x pass/1', 'work 1 2,3 2,3', 'read 4 x pass/2', 'work 2 4 4'],
    ]);
  });

  it('are read ahead where the split does, also through a subset, with the same streams', async () => {
    const { split, log } = noted(true);
    await visit(new Subset(split, Int32Array.from([0, 1, 2, 3, 4])), log);
    expect(log).toEqual([
      ...['read 0,1 x pass/0', 'read 2,3 x pass/1', 'work 0 0,1 0,1', 'read 4 x pass/2', 'work 1 2,3 2,3', 'work 2 4 4'],
    ]);
  });

  it('fail when the batch is asked for, and not after the pass has ended', async () => {
    const { split, log } = noted(true, true);
    await visit(split, log, 1);
    expect(log.at(-1)).toBe('work 1 2,3 2,3');
    await expect(visit(split, log)).rejects.toThrow('row 4');
    expect(log.at(-1)).toBe('work 1 2,3 2,3');
  });

  it('may begin later', async () => {
    const seen: number[] = [];
    for await (const { step, batch } of readPass(noted(true).split, batches, modalities, { from: 1 })) {
      seen.push(step);
      disposeTree(batch);
    }
    expect(seen).toEqual([1, 2]);
  });
});
