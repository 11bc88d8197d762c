import { definePiece, type ExchangeContext, type Json, type LossTerm, type Method, type MethodContext, type Tree } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { unimodalTerm } from '../own-heads/own-heads.js';
import { readOut } from '../read-out/read-out.js';
import { controlOf } from '../window/window.js';
import { type Curation, nextCuration, NOTHING_CURATED, type SpeedSums } from './speed.js';

const WHERE = 'method "greedy"';
const EXCHANGE = 'fusion/exchange/';

export interface GreedyOptions {
  /** Difference of conditional speeds that is borne. */
  readonly epsilon: number;
  /** Steps for which gates stand still. */
  readonly window: number;
  /** First epoch in which gates may stand still, from 0. */
  readonly start: number;
}

/**
 * Guided re-balancing against greedy learning, on two branches that gate each other's channels: every step measures how fast each branch
 * learns through its gate and by itself; when the branches differ, the gates of the faster one are replaced by their running means for some
 * steps, so that it learns from its own input. The objective is the sum of the losses of both heads.
 *
 * Reports `bypass/<modality>` and `main/<modality>` (squared gradient over squared weight); the control `curate/<modality>` is 1 while the
 * gates of that modality stand still. Running means move only in steps that are not curated, and not in evaluation.
 */
export function greedy({ epsilon, window, start }: GreedyOptions, { modalities }: MethodContext): Method {
  let curation: Curation = NOTHING_CURATED;
  const controls = (): Record<string, number> =>
    Object.fromEntries(modalities.map((name) => [`curate/${name}`, curation.target === name ? 1 : 0]));
  return {
    controls: Object.fromEntries(modalities.map((name) => [`curate/${name}`, 0])),
    memory: (params) => ({ steps: tf.scalar(0), ...gateMeans(params, modalities) }),
    exchange: (context) => curated(context),
    losses: ({ fused, terms, classification }) => [
      ...terms.filter(({ kind }) => kind !== 'classification'),
      ...modalities.map((name): LossTerm => ({
        name: unimodalTerm(name),
        kind: 'classification',
        value: classification(readOut(fused, name, WHERE)),
        weight: 1,
      })),
    ],
    gradients(context) {
      const { gradients, params, memory } = context;
      memory.set('steps', tf.add(memory.get('steps'), tf.sub(1, anyCurated(context))));
      for (const name of modalities) {
        context.report(
          `bypass/${name}`,
          speedOf(gradients, params, (path) => isBypass(path, name)),
        );
        context.report(
          `main/${name}`,
          speedOf(gradients, params, (path) => isMain(path, name)),
        );
      }
      return undefined;
    },
    stepEnd({ epoch, reports }) {
      const step: SpeedSums = Object.fromEntries(
        modalities.map((name) => [name, { bypass: reports[`bypass/${name}`] ?? 0, main: reports[`main/${name}`] ?? 0 }]),
      );
      curation = nextCuration(curation, step, { epsilon, window, locked: epoch < start });
      return { controls: controls() };
    },
    state: () => curation as unknown as Json,
    restore: (state) => void (curation = state as unknown as Curation),
  };
}

const isBypass = (path: string, modality: string): boolean =>
  path.startsWith(EXCHANGE) && (path.includes('/squeeze/') || path.includes(`/gates/${modality}/`));
const isMain = (path: string, modality: string): boolean =>
  path.startsWith(`encoders/${modality}/`) || path.startsWith(`fusion/heads/${modality}/`);

/** sum |gradient|^2 / sum |weight|^2 over some paths, scalar. */
function speedOf(gradients: Tree, params: Tree, chosen: (path: string) => boolean): Tensor {
  const paths = Object.keys(gradients).filter(chosen);
  // Not addN: its order of addition differs between a graph and a single call, and decisions hang on these numbers.
  const squares = (tree: Tree): Tensor => tf.sum(tf.stack(paths.map((path) => tf.sum(tf.square(tree[path]!)))));
  return paths.length === 0 ? tf.scalar(0) : tf.div(squares(gradients), tf.maximum(squares(params), 1e-30));
}

const meanName = (stage: number, modality: string): string => `gate/stage${stage}/${modality}`;

/** Running means of the gates, zeros, as many as the fusion has gates. */
function gateMeans(params: Tree, modalities: readonly string[]): Tree {
  const found = Object.entries(params).flatMap(([path, leaf]) => {
    const [, stage, modality] = /^fusion\/exchange\/stage(\d+)\/gates\/(.+)\/bias$/.exec(path) ?? [];
    if (stage === undefined || modality === undefined || !modalities.includes(modality)) return [];
    return [[meanName(Number(stage), modality), tf.zerosLike(leaf)] as const];
  });
  return Object.fromEntries(found);
}

const anyCurated = (context: Pick<ExchangeContext, 'controls' | 'modalities'>): Tensor =>
  tf.addN(context.modalities.map((name) => controlOf(context, `curate/${name}`, WHERE)));

/** The gates as they are, or their running means where they stand still; the means move on where nothing is curated. */
function curated(context: ExchangeContext): Record<string, Tensor> {
  const { gates, encoderStage, memory } = context;
  const [steps, busy] = [memory.get('steps'), anyCurated(context)];
  return Object.fromEntries(
    Object.entries(gates).map(([name, gate]) => {
      const still = controlOf(context, `curate/${name}`, WHERE);
      const held = memory.get(meanName(encoderStage, name));
      const moved = tf.div(tf.add(tf.mean(gate, 0), tf.mul(held, steps)), tf.add(steps, 1));
      memory.set(meanName(encoderStage, name), tf.add(tf.mul(busy, held), tf.mul(tf.sub(1, busy), moved)));
      return [name, tf.add(tf.mul(tf.sub(1, still), gate), tf.mul(still, held))];
    }),
  );
}

/** The method `greedy`. */
export const greedyMethod = definePiece({
  kind: 'method',
  id: 'greedy',
  description: 'Holds the gates of the branch that learns from the other one, so that it learns from its own input',
  facts: {
    modalities: { min: 2, max: 2 },
    fusions: ['channel'],
    claims: ['objective'],
    backwardPassesPerStep: 1,
    paper: {
      title: 'Characterizing and Overcoming the Greedy Nature of Learning in Multi-modal Deep Neural Networks',
      venue: 'ICML 2022',
      url: 'https://arxiv.org/abs/2202.05306',
    },
  },
  options: z.object({
    epsilon: z.number().min(0).default(0.01).describe('Difference of conditional learning speeds (log10) that is borne'),
    window: z.int().positive().default(5).describe('Steps for which gates stand still'),
    start: z.int().min(0).default(1).describe('First epoch in which gates may stand still, from 0'),
  }),
  create: greedy,
});
