import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { expect, it } from 'vitest';
import '../../index.js';
import { expectClose, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { einsum } from './einsum.js';

/** The definition: a sum over all values of all labels. */
function byDefinition(equation: string, operands: readonly Tensor[]): number[] {
  const [left, output] = equation.split('->') as [string, string];
  const terms = left.split(',');
  const labels = [...new Set(left.replace(/,/g, ''))];
  const size = Object.fromEntries(terms.flatMap((term, i) => [...term].map((label, axis) => [label, operands[i]!.shape[axis]!])));
  const index = (of: string, at: Record<string, number>): number => [...of].reduce((so, label) => so * size[label]! + at[label]!, 0);
  const values = operands.map((operand) => operand.dataSync());
  const result = new Array<number>([...output].reduce((product, label) => product * size[label]!, 1)).fill(0);
  const visit = (depth: number, at: Record<string, number>): void => {
    if (depth === labels.length) {
      result[index(output, at)]! += terms.reduce((product, term, i) => product * values[i]![index(term, at)]!, 1);
      return;
    }
    for (let i = 0; i < size[labels[depth]!]!; i++) visit(depth + 1, { ...at, [labels[depth]!]: i });
  };
  visit(0, {});
  return result;
}

const equations: [string, ...number[][]][] = [
  ['ij,jk->ik', [3, 4], [4, 2]],
  ['ij,jk->ki', [3, 4], [4, 2]],
  ['bij,bkj->bik', [2, 3, 4], [2, 5, 4]],
  ['bhqd,bhkd->bhqk', [2, 2, 3, 4], [2, 2, 5, 4]],
  ['bij,jk->kbi', [2, 3, 4], [4, 2]],
  ['ij,k->i', [3, 4], [2]],
  ['ij,ij->', [3, 4], [3, 4]],
  ['i,j->ji', [3], [4]],
  ['ijk->ki', [2, 3, 4]],
  ['i->i', [3]],
];

onEachEngine(() => {
  it.each(equations)('%s is its definition', (equation, ...shapes) => {
    tf.tidy(() => {
      const operands = shapes.map((shape, i) => tensorOf(shape, i + 1));
      expectClose(tf.einsum(equation, ...operands).dataSync(), byDefinition(equation, operands));
    });
  });
});

onEachEngine(() => {
  it('takes three operands', () => {
    tf.tidy(() => {
      const operands = [tensorOf([3, 4], 1), tensorOf([4, 2], 2), tensorOf([2, 3], 3)];
      expectClose(einsum('ij,jk,kl->il', operands).dataSync(), byDefinition('ij,jk,kl->il', operands));
      expectClose(einsum('ij,jk,ki->', operands).dataSync(), byDefinition('ij,jk,ki->', operands));
    });
  });

  it('refuses what it does not know', () => {
    tf.tidy(() => {
      expect(() => einsum('ii->i', [tf.ones([2, 2])])).toThrow(EquimodalError);
      expect(() => einsum('ij,jk', [tf.ones([2, 2]), tf.ones([2, 2])])).toThrow(EquimodalError);
      expect(() => einsum('ij->i', [tf.ones([2, 2]), tf.ones([2, 2])])).toThrow(EquimodalError);
    });
  });
}, ['wasm', 'cpu']);
