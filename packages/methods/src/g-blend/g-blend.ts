import {
  definePiece,
  EquimodalError,
  type EpochContext,
  type Json,
  type Method,
  type MethodContext,
  type UpdateStage,
} from '@equimodal/core';
import { crossEntropy, modalityOf } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type OwnHeads, ownHeads, unimodalTerm, withUnimodalTerms } from '../own-heads/own-heads.js';
import { controlOf } from '../window/window.js';
import { slotAt, type Timetable } from './timetable.js';
import { blendWeights, type HeadLosses } from './weights.js';

const WHERE = 'method "g-blend"';
const FUSED = 'fused';
/** Where each estimation starts from. */
const JOINT = 'joint';

export interface GBlendOptions {
  /** Epochs that each head is trained alone in a round of estimates; null: half of the run, shared by the heads. */
  readonly estimate: number | null;
  /** Epochs of blended training after each round; null: one round, offline. */
  readonly superEpoch: number | null;
}

type Losses = Readonly<Record<string, { readonly train: number; readonly validation: number }>>;
interface Estimates {
  readonly start: Losses;
  readonly end: Losses;
  readonly weights: Readonly<Record<string, number>>;
}

/**
 * Gradient blending: one head for each modality beside the fused one, whose losses are weighted by how well each generalises for how much
 * it overfits. The weights are estimated: every head is trained alone for some epochs from the same model, which is put back afterwards;
 * mean losses on training and validation data at both ends give the weight (see `blendWeights`). Then all are trained together.
 *
 * The epochs of the estimates are epochs of the run, and no candidates for selection. Phases: `estimate <head>` and `blend`; the weights are the
 * controls `weight/<head>`.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when the run is too short for a round of estimates and an epoch of training.
 */
export function gBlend(options: GBlendOptions, run: MethodContext): Method {
  const { modalities, epochs } = run;
  const names = [...modalities, FUSED];
  const heads = ownHeads(run);
  const timetable: Timetable = {
    heads: names.length,
    estimate: options.estimate ?? Math.max(1, Math.floor(epochs / 2 / names.length)),
    superEpoch: options.superEpoch,
  };
  if (epochs > 0 && timetable.heads * timetable.estimate >= epochs) {
    throw new EquimodalError(
      'EQM_CONFIG_INCOMPATIBLE',
      `estimating ${names.length} heads takes ${timetable.heads * timetable.estimate} of ${epochs} epochs`,
      {
        where: WHERE,
        fix: `Set training.epochs to more than ${names.length}, or a smaller "estimate".`,
      },
    );
  }
  const alike = Object.fromEntries(names.map((name) => [name, 1 / names.length]));
  let estimates: Estimates = { start: {}, end: {}, weights: alike };
  const controls = (): Record<string, number> =>
    Object.fromEntries(Object.entries(estimates.weights).map(([name, weight]) => [`weight/${name}`, weight]));
  return {
    phase: phaseOf(names[0]!),
    controls: controls(),
    init: (random) => heads.init(random),
    plan: (phase) => stagesOf(phase, heads),
    async epochStart(context) {
      const slot = slotAt(context.epoch, timetable);
      if (slot.kind === 'blend') return { phase: 'blend', controls: controls(), candidate: true };
      if (slot.first && slot.head === 0) {
        estimates = { start: await measure(context, heads, names), end: {}, weights: estimates.weights };
        context.snapshot(JOINT);
      }
      if (slot.first) context.resetOptimizer();
      return { phase: phaseOf(names[slot.head]!), candidate: false };
    },
    losses(context) {
      const terms = withUnimodalTerms(context.terms, heads.terms(context));
      if (context.phase !== 'blend') return terms;
      return terms.map((term) => {
        const name = headOf(term.name);
        return name === undefined || !names.includes(name)
          ? term
          : { ...term, weight: tf.mul(term.weight, controlOf(context, `weight/${name}`, WHERE)) };
      });
    },
    async epochEnd(context) {
      const slot = slotAt(context.epoch, timetable);
      if (slot.kind === 'blend' || !slot.last) return undefined;
      const name = names[slot.head]!;
      const end = { ...estimates.end, ...(await measure(context, heads, [name])) };
      context.restore(JOINT);
      estimates = { ...estimates, end };
      if (slot.head === names.length - 1) estimates = { ...estimates, weights: weightsOf(names, estimates) };
      return undefined;
    },
    predict: (context) => heads.predict(context),
    state: () => estimates as unknown as Json,
    restore: (state) => void (estimates = state as unknown as Estimates),
  };
}

const phaseOf = (head: string): string => `estimate ${head}`;
const headOf = (term: string): string | undefined => (term === FUSED ? FUSED : /^unimodal\/(.+)$/.exec(term)?.[1]);

/** One step with everything, or with one head and what lies below it. */
function stagesOf(phase: string, heads: OwnHeads): readonly UpdateStage[] {
  if (!phase.startsWith('estimate ')) return [];
  const name = phase.slice('estimate '.length);
  if (name === FUSED) {
    return [{ name: 'step', terms: (term) => !term.startsWith('unimodal/'), parameters: (path) => !path.startsWith('methods/') }];
  }
  const parameters = (path: string): boolean => modalityOf(path) === name || heads.owns(path, name);
  return [{ name: 'step', terms: (term) => term === unimodalTerm(name), parameters }];
}

/** Mean cross-entropy of some heads on training and validation data, in evaluation mode. */
async function measure(context: EpochContext, heads: OwnHeads, names: readonly string[]): Promise<Losses> {
  const means = async (split: 'train' | 'validation'): Promise<Record<string, number>> => {
    const sums = Object.fromEntries(names.map((name) => [name, 0]));
    let rows = 0;
    await context.pass(split, ({ labels, features, fused, scope }) => {
      const values = tf.tidy(() => {
        const own: Record<string, tf.Tensor> = { ...heads.logits(scope, features), [FUSED]: fused.logits };
        // eslint-disable-next-line no-restricted-syntax -- between epochs, on the host
        return names.map((name) => crossEntropy(own[name]!, tf.tensor1d(labels, 'int32')).dataSync()[0]!);
      });
      for (const [i, name] of names.entries()) sums[name]! += values[i]! * labels.length;
      rows += labels.length;
      return true;
    });
    return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / Math.max(1, rows)]));
  };
  const [train, validation] = [await means('train'), await means('validation')];
  return Object.fromEntries(names.map((name) => [name, { train: train[name]!, validation: validation[name]! }]));
}

function weightsOf(names: readonly string[], { start, end }: Estimates): Record<string, number> {
  const losses = names.map((name): HeadLosses => ({
    trainStart: start[name]!.train,
    validationStart: start[name]!.validation,
    trainEnd: end[name]!.train,
    validationEnd: end[name]!.validation,
  }));
  const weights = blendWeights(losses);
  return Object.fromEntries(names.map((name, i) => [name, weights[i]!]));
}

/** The method `g-blend`. */
export const gBlendMethod = definePiece({
  kind: 'method',
  id: 'g-blend',
  description: 'Weighs the losses of the fused and of unimodal heads by how well each generalises for how much it overfits',
  facts: {
    modalities: { min: 2 },
    needs: ['validation'],
    claims: ['plan', 'objective'],
    backwardPassesPerStep: 1,
    auxiliaryPassesPerEpoch: 'varies',
    paper: {
      title: 'What Makes Training Multi-Modal Classification Networks Hard?',
      venue: 'CVPR 2020',
      url: 'https://arxiv.org/abs/1905.12681',
    },
    note: 'Estimates take epochs of the run: half of it by default.',
  },
  options: z.object({
    estimate: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('Epochs that each head is trained alone in a round of estimates; null: half of the run, shared by the heads'),
    superEpoch: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('Epochs of blended training after each round of estimates (online); null: one round, then all the rest (offline)'),
  }),
  create: gBlend,
});
