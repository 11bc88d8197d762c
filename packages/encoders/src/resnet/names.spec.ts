import type { AnyPiece } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { disposeTree } from '@equimodal/nn';
import { matchWeights } from '@equimodal/weights';
import { beforeAll, describe, expect, it } from 'vitest';
import { make, start } from '../input/parity.fixture.js';
import { resnet18 } from '../resnet18/resnet18.js';
import { resnet34 } from '../resnet34/resnet34.js';
import { resnet50 } from '../resnet50/resnet50.js';
import fixture from './names.fixture.json' with { type: 'json' };

describe('the names of torchvision', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each<[AnyPiece, Record<string, number[]>, number]>([
    [resnet18, fixture.resnet18, 9],
    [resnet34, fixture.resnet34, 17],
    [resnet50, fixture.resnet50, 17],
  ])(
    'cover $id at full size: every variable is in the file, and only the classifier and the counters are over',
    (piece, tensors, layers) => {
      const encoder = make(piece, {}, 'image', [32, 32, 3]);
      const { params, state } = start(encoder);
      const shapes = Object.fromEntries(Object.entries({ ...params, ...state }).map(([path, { shape }]) => [path, shape]));
      const paths = Object.keys(params);
      disposeTree(params);
      disposeTree(state);
      const file = {
        path: 'torchvision',
        tensors: new Map(Object.entries(tensors).map(([name, shape]) => [name, { dtype: 'F32', shape, offsets: [0, 0] as const }])),
      };
      const { found, fresh, unused } = matchWeights(file, encoder.names!, shapes);
      expect(found).toHaveLength(Object.keys(shapes).length);
      expect(fresh).toEqual([]);
      expect(unused.filter((name) => !name.endsWith('num_batches_tracked'))).toEqual(['fc.weight', 'fc.bias']);
      // From stem to last block, every parameter in one layer.
      expect(encoder.layers).toHaveLength(layers);
      expect(encoder.layers!.at(-1)).toEqual([`layer4/${piece.id === 'resnet18' ? 1 : 2}`]);
      for (const path of paths) {
        expect(
          encoder.layers!.flat().filter((prefix) => path.startsWith(`${prefix}/`)),
          path,
        ).toHaveLength(1);
      }
    },
  );
});
