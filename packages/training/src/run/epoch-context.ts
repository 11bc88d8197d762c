import type { EpochContext, Tree } from '@equimodal/core';
import { referenceTree } from '../step/step.js';
import type { AuxiliaryPasses, VisitOptions } from './auxiliary-pass.js';
import type { RunProgress } from './progress.js';
import type { TrainerParts } from './trainer.js';

/** What the hooks between epochs share: what a method may look at and do. */
export function epochContext(
  { recipe, random, trees, optimizer }: TrainerParts,
  passes: AuxiliaryPasses,
  { epoch }: RunProgress,
  {
    id,
    when,
    stepsPerEpoch,
    onRead,
  }: { readonly id: string; readonly when: 'start' | 'end' } & Pick<VisitOptions, 'onRead'> & Pick<EpochContext, 'stepsPerEpoch'>,
): EpochContext {
  const own = random.at('method').at(id).at(epoch);
  return {
    epoch,
    epochs: recipe.training.epochs,
    stepsPerEpoch,
    get params() {
      return trees.params;
    },
    get state() {
      return trees.state;
    },
    random: when === 'start' ? own : own.at(when),
    pass: (split, visit, { fraction } = {}) =>
      passes.visit(trees, split, visit, { method: id, random: own.at(when).at('pass'), fraction, onRead }),
    snapshot: (name) => trees.snapshot(`method/${id}/${name}`, { optimizer: true }),
    restore: (name, options) => trees.restore(`method/${id}/${name}`, options),
    resetOptimizer: (paths) => trees.resetOptimizer(optimizer, paths),
    memory: {
      get(name) {
        const leaf = trees.live.memory[`${id}/${name}`];
        if (leaf === undefined) throw new Error(`method "${id}" has no memory "${name}"`);
        return Float32Array.from(leaf.dataSync());
      },
      set: (name, values) => trees.setMemory(`${id}/${name}`, values),
    },
  };
}

/** The snapshots that methods look at inside a step, as inputs of the step. They stay the trees'. */
export function carriedReferences(trees: TrainerParts['trees'], names: readonly string[]): Record<string, Tree> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const { params, state } = trees.carriedSnapshot(`method/${name}`);
      return [
        [referenceTree(name, 'params'), params],
        [referenceTree(name, 'state'), state],
      ];
    }),
  );
}
