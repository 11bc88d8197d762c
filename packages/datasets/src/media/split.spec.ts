import { RandomStream } from '@equimodal/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { coded, temporaryFolder } from '../data-root.fixture.js';
import type { LoaderDefinition, MediaSource } from './loader.js';
import { oddLoader } from './media.fixture.js';
import { ReadingPool } from './pool.js';
import { MediaReader, MediaSplit } from './split.js';

const folder = temporaryFolder();
let odd: LoaderDefinition;
beforeAll(async () => {
  odd = await oddLoader(folder);
});

interface Row {
  readonly act?: string;
  readonly delay?: number;
}

/** Rows with the values 0, 1, 2, ... under `a` and 100, 101, ... under `b`. */
function splitOf(workers: number, rows: readonly Row[], size = 3): MediaSplit {
  const sources = (from: number): MediaSource[] => rows.map((row, i) => ({ files: [`${from + i}.bin`], value: from + i, ...row }));
  const modality = { loader: odd, options: { size }, shape: [size] };
  const reader = new MediaReader({ a: modality, b: modality }, { cache: null, workers });
  return new MediaSplit(
    reader,
    Int32Array.from(rows, (_, i) => i),
    { a: sources(0), b: sources(100) },
  );
}

const plain = (count: number): Row[] => Array.from({ length: count }, () => ({}));

describe.each([0, 1, 2])('a split read by %i threads', (workers) => {
  it('gives rows in the order asked, of the modalities that are needed', async () => {
    const split = splitOf(workers, [{ delay: 30 }, {}, {}, {}]);
    const batch = await split.read(Int32Array.from([2, 0]));
    expect(batch).toEqual({ a: Float32Array.from([0, 2, 2, 0, 0, 0]), b: Float32Array.from([0, 102, 102, 0, 100, 100]) });
    expect(Object.keys(await split.read(Int32Array.from([1]), undefined, ['b']))).toEqual(['b']);
    expect((await split.read(new Int32Array(0)))['a']).toHaveLength(0);
    const part = split.subset(Int32Array.from([3, 1]));
    expect(part.labels).toEqual(Int32Array.from([3, 1]));
    expect((await part.read(Int32Array.from([1])))['a']).toEqual(Float32Array.from([0, 1, 1]));
  });

  it('draws by pass and row, not by order, batch or number of threads', async () => {
    const split = splitOf(workers, plain(6));
    const draws = async (rows: number[], pass: RandomStream): Promise<Record<string, number>> => {
      const { a } = await split.read(Int32Array.from(rows), pass);
      return Object.fromEntries(rows.map((row, i) => [row, a![3 * i]!]));
    };
    const pass = new RandomStream(7, 'augment/0');
    const all = await draws([0, 1, 2, 3, 4, 5], pass);
    expect(await draws([5, 3, 4, 1, 0, 2], pass)).toEqual(all);
    expect({ ...(await draws([4, 1], pass)), ...(await draws([0, 2, 3, 5], pass)) }).toEqual(all);
    expect(all).toEqual(
      Object.fromEntries(
        [0, 1, 2, 3, 4, 5].map((row) => {
          const [first, second] = pass.at('a').at(row).key;
          return [row, Math.fround(new RandomStream(first, `row/${second}`).uniform())];
        }),
      ),
    );
    expect(new Set(Object.values(all)).size).toBe(6);
    expect(Object.values(await draws([0, 1], new RandomStream(7, 'augment/1')))).not.toContain(all[0]);
  });

  it('reports the failure of the first row that fails, with its file', async () => {
    const split = splitOf(workers, [{}, { act: 'throw', delay: 40 }, {}, { act: 'throw' }]);
    const error = await coded(() => split.read(Int32Array.from([0, 1, 2, 3])));
    expect([error.code, error.where]).toEqual(['EQM_DATA_MALFORMED', '1.bin']);
    expect(error.message).toContain('no such codec');
    expect((await split.read(Int32Array.from([2])))['a']![1]).toBe(2);
  });

  it('answers many reads at once', async () => {
    const split = splitOf(workers, plain(8));
    const batches = await Promise.all(Array.from({ length: 20 }, (_, i) => split.read(Int32Array.from([i % 8]))));
    batches.forEach(({ b }, i) => expect(b![1]).toBe(100 + (i % 8)));
  });

  it('refuses a loader that gives another number of values', async () => {
    const error = await coded(() => splitOf(workers, [{}, { act: 'short' }]).read(Int32Array.from([0, 1])));
    expect([error.code, error.where]).toEqual(['EQM_PLUGIN_FAULT', '1.bin']);
  });
});

describe('threads', () => {
  it('that end are reported with the files that were open, and replaced', async () => {
    const split = splitOf(1, [{}, { act: 'exit' }, {}]);
    const error = await coded(() => split.read(Int32Array.from([1, 2])));
    expect(error.code).toBe('EQM_INTERNAL');
    expect(error.message).toContain('exit status 3');
    expect(error.problems.map(({ message }) => message)).toContain('1.bin');
    expect((await split.read(Int32Array.from([0])))['a']).toHaveLength(3);
  });

  it('are started again after they were closed', async () => {
    const split = splitOf(1, plain(2));
    const before = await split.read(Int32Array.from([0, 1]));
    await ReadingPool.shared(1).close();
    expect(await split.read(Int32Array.from([0, 1]))).toEqual(before);
  });

  it('say which loader cannot be imported', async () => {
    const lost = { ...odd, module: 'file:///no/such/module.mjs' };
    const nameless = { ...odd, name: 'nothing' };
    for (const loader of [lost, nameless]) {
      const reader = new MediaReader({ a: { loader, options: { size: 1 }, shape: [1] } }, { cache: null, workers: 1 });
      const split = new MediaSplit(reader, new Int32Array(1), { a: [{ files: ['a'] }] });
      expect((await coded(() => split.read(new Int32Array(1)))).code).toBe('EQM_PLUGIN_LOAD');
    }
  });
});

it('refuses rows that do not match the labels', async () => {
  const { reader } = splitOf(0, []);
  const error = await coded(() => new MediaSplit(reader, new Int32Array(2), { a: [], b: [] }));
  expect(error.code).toBe('EQM_DATA_SPLIT');
});
