import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coded, realData } from '../data-root.fixture.js';
import { readIdx } from '../readers/idx.js';
import { jacobi, principalComponents, reconstruct } from './pca.js';

// Reference values: numpy.linalg.eigh of numpy.cov(bias=True).
const ROWS = [2, 0, 1, 0, 1, 1, 0, 3, 0, 2, 5, 1, 4, 0, 1, 1, 3, 1, 0, 2, 0, 0, 2, 7];
const VARIANCES = [6.08708225, 3.95051066, 0.60392502, 0.27514874];
const COMPONENTS = [
  [-0.4544745904627398, -0.004729995927221342, 0.16804310114325777, 0.8747525306739106],
  [-0.4014552497165245, 0.2516513364065157, 0.803019189626981, -0.3614767882598897],
];

describe('principal components', () => {
  it('equal those of an eigen-decomposition', () => {
    const found = principalComponents(Float64Array.from(ROWS), 4, 4);
    VARIANCES.forEach((value, i) => expect(found.variances[i]).toBeCloseTo(value, 7));
    COMPONENTS.flat().forEach((value, i) => expect(found.components[i]).toBeCloseTo(value, 6));
    expect(found.totalVariance).toBeCloseTo(10.91666667, 7);
    expect(Array.from(found.mean)).toEqual([10 / 6, 4 / 6, 9 / 6, 14 / 6]);
  });

  it('are orthonormal, and reconstruct exactly data of that rank', () => {
    const columns = 40;
    const direction = (k: number, j: number): number => Math.sin((k + 1) * (j + 1));
    const data = Float64Array.from({ length: 60 * columns }, (_, i) => {
      const row = Math.floor(i / columns);
      return (
        3 +
        Math.cos(row) * direction(0, i % columns) +
        Math.sin(3 * row) * direction(1, i % columns) +
        Math.cos(7 * row) * direction(2, i % columns)
      );
    });
    const pca = principalComponents(data, columns, 3);
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        let product = 0;
        for (let j = 0; j < columns; j++) product += pca.components[a * columns + j]! * pca.components[b * columns + j]!;
        expect(product).toBeCloseTo(a === b ? 1 : 0, 10);
      }
    }
    const out = new Float32Array(columns);
    reconstruct(pca, data.subarray(0, columns), out);
    out.forEach((value, j) => expect(value).toBeCloseTo(data[j]!, 5));
    expect(principalComponents(data, columns, 3)).toEqual(pca);
  });

  it('refuses an impossible number of components and no rows', async () => {
    expect((await coded(() => principalComponents(new Float32Array(8), 4, 5))).code).toBe('EQM_CONFIG_INVALID');
    expect((await coded(() => principalComponents(new Float32Array(0), 4, 1))).code).toBe('EQM_DATA_MALFORMED');
  });

  it.skipIf(realData === undefined)('explain the known shares of MNIST (needs EQUIMODAL_DATA)', () => {
    const pixels = readIdx(join(realData!, 'mnist/train-images-idx3-ubyte')).data as Uint8Array;
    const { variances, totalVariance } = principalComponents(pixels.subarray(0, 5000 * 784), 784, 6);
    expect(totalVariance / 3422952.41219388).toBeCloseTo(1, 9);
    [0.0986756606, 0.07404546, 0.0612770491, 0.0540531946, 0.0473756716, 0.0441900347].forEach((share, i) => {
      expect(variances[i]! / totalVariance).toBeCloseTo(share, 7);
    });
  });
});

describe('jacobi', () => {
  it('finds the eigenpairs of a symmetric matrix', () => {
    const matrix = Float64Array.from([4, 1, -2, 2, 1, 2, 0, 1, -2, 0, 3, -2, 2, 1, -2, -1]);
    const { values, vectors } = jacobi(matrix, 4);
    [6.844621107234965, 2.2685314064312423, 1.0843644637732166, -2.1975169774394243].forEach((value, i) =>
      expect(values[i]).toBeCloseTo(value, 12),
    );
    for (let k = 0; k < 4; k++) {
      for (let i = 0; i < 4; i++) {
        let product = 0;
        for (let j = 0; j < 4; j++) product += matrix[i * 4 + j]! * vectors[k * 4 + j]!;
        expect(product).toBeCloseTo(values[k]! * vectors[k * 4 + i]!, 12);
      }
    }
  });
});
