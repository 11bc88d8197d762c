import type { Engine, Tree } from '@equimodal/core';
import { EquimodalError } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import { evaluationProgram } from '../evaluation/evaluate.js';
import type { Model } from '../model/model.js';

/** Says which term became NaN or infinite, and which modality's features were the first to do so. */
export function divergedError(
  engine: Engine,
  model: Model,
  at: {
    readonly epoch: number;
    readonly step: number;
    readonly losses: Readonly<Record<string, number>>;
    readonly total: number;
    readonly params: Tree;
    readonly state: Tree;
    readonly batch: Tree;
  },
): EquimodalError {
  const bad = Object.entries(at.losses).find(([, value]) => !Number.isFinite(value))?.[0];
  const program = engine.compile(evaluationProgram(model));
  const { outputs } = program({ params: at.params, state: at.state, batch: at.batch });
  const modalities = model.modalities.filter((name) => !allFinite(outputs![`features/${name}`]!.dataSync()));
  disposeTree(outputs!);
  program.dispose();
  const badInputs = model.modalities.filter((name) => !allFinite(at.batch[`inputs/${name}`]!.dataSync()));
  const term = bad === undefined ? 'the total loss' : `the term "${bad}"`;
  const who =
    badInputs.length > 0
      ? `the input of modality ${quote(badInputs)} has NaN or infinite values`
      : modalities.length > 0
        ? `the features of modality ${quote(modalities)} were not finite`
        : 'all features were still finite, so the loss itself overflowed';
  return new EquimodalError(
    'EQM_TRAIN_DIVERGED',
    `${term} became ${bad === undefined ? at.total : at.losses[bad]} at step ${at.step} of epoch ${at.epoch}; ${who}`,
    {
      where: `epoch ${at.epoch}, step ${at.step}, ${bad === undefined ? 'total' : `term "${bad}"`}${modalities.length > 0 ? `, modality ${quote(modalities)}` : ''}`,
      ...(badInputs.length > 0 ? { fix: 'Mend the data of that modality (or drop the rows); the last good checkpoint is kept.' } : {}),
    },
  );
}

const quote = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(' and ');
const allFinite = (values: ArrayLike<number>): boolean => {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
};
