import { EquimodalError, RandomStream, type LoadedDataset } from '@equimodal/core';
import { beforeAll, describe, expect, it } from '../runner/runner.js';
import type { Trial } from '../kit/conformance.js';

/** Datasets are loaded twice; those that need files read EQUIMODAL_DATA and are skipped without it. */
export function checkDataset({ host, piece, options }: Trial): void {
  const dataRoot = process.env['EQUIMODAL_DATA'] || undefined;
  const make = (root: string | undefined) =>
    host.create(
      'dataset',
      { use: piece.id, options },
      {
        dataRoot: root,
        requireDataRoot() {
          if (root !== undefined) return root;
          throw new EquimodalError('EQM_DATA_ROOT', `dataset "${piece.id}" reads files, and no folder was given`);
        },
        baseDir: process.cwd(),
        random: new RandomStream(0, `dataset/${piece.id}`),
      },
    );

  it('names its modalities before anything is read', () => {
    const { modalities } = make(undefined);
    expect(modalities.length).toBeGreaterThan(0);
    for (const { name, kind } of modalities) expect([typeof name, typeof kind]).toEqual(['string', 'string']);
  });

  it('leaves the option `protocol` to the host', () => {
    expect(Object.keys(piece.options.shape as object)).not.toContain('protocol');
  });

  let loaded: LoadedDataset | undefined;
  let again: LoadedDataset | undefined;
  beforeAll(async () => {
    try {
      loaded = await make(dataRoot).load();
      again = await make(dataRoot).load();
    } catch (error) {
      if (!(error instanceof EquimodalError && error.code === 'EQM_DATA_ROOT')) throw error;
    }
  }, 120_000);

  describe('loaded', () => {
    it('has splits with labels in range and rows of the declared shapes', async (context) => {
      if (loaded === undefined) return context.skip('EQUIMODAL_DATA is not set');
      for (const [name, split] of Object.entries(loaded.splits)) {
        expect(split.size, name).toBeGreaterThan(0);
        expect(split.labels.length).toBe(split.size);
        for (const names of [split.groups, split.ids]) if (names !== undefined) expect(names.length).toBe(split.size);
        for (const label of split.labels) expect(label >= 0 && label < loaded.classes.length).toBe(true);
        const rows = Int32Array.from([0, split.size - 1]);
        const arrays = await split.read(rows, new RandomStream(1));
        for (const modality of loaded.modalities) {
          const values = arrays[modality.name]!;
          expect(values.length).toBe(rows.length * modality.shape.reduce((a, b) => a * b, 1));
          expect(values.every((value) => Number.isFinite(value))).toBe(true);
        }
      }
    });

    it('is the same when loaded again, with the same fingerprint', async (context) => {
      if (loaded === undefined || again === undefined) return context.skip('EQUIMODAL_DATA is not set');
      expect(again.fingerprint).toBe(loaded.fingerprint);
      const rows = Int32Array.from([1, 0]);
      expect(await again.splits.train.read(rows, new RandomStream(1))).toEqual(await loaded.splits.train.read(rows, new RandomStream(1)));
    });
  });
}
