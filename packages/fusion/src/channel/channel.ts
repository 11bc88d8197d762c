import type { Exchange, Fusion, Gated, FusionContext, Scope, Variables } from '@equimodal/core';
import { definePiece, EquimodalError, type RandomStream } from '@equimodal/core';
import { initChildren, linear, mergeVariables, prefixVariables, relu } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { mean } from '../mean/mean.js';

const WHERE = 'fusion "channel"';

export interface ChannelOptions {
  /** Stages after which channels are gated, counted from 1. Default 2, 3, 4. */
  readonly after?: readonly number[];
  /** Size of the joint representation: 2 sum_m C_m / reduction. Default 4. */
  readonly reduction?: number;
  /** A gate is gateScale * sigmoid(..). Default 2. */
  readonly gateScale?: number;
}

/** Averages maps [batch, ...positions, channels] over all positions: [batch, channels]. */
function squeezed(maps: Tensor): Tensor {
  const [batch, channels] = [maps.shape[0]!, maps.shape.at(-1)!];
  return tf.mean(tf.reshape(maps, [batch, -1, channels]), 1);
}

/** Multiplies maps by a gate [batch, channels] at every position. */
function gatedBy(maps: Tensor, gate: Tensor): Tensor {
  const ones = Array.from({ length: maps.rank - 2 }, () => 1);
  return tf.mul(maps, tf.reshape(gate, [gate.shape[0]!, ...ones, gate.shape[1]!]));
}

/**
 * The multimodal transfer module on the maps X_m of one stage:
 *
 *     s_m = mean over positions of X_m,  Z = ReLU(W [s_1; ..; s_M] + b),
 *     X_m <- X_m * gateScale sigmoid(W_m Z + b_m)
 *
 * Parameters: `squeeze/kernel` [sum C_m, Z], `squeeze/bias`, `gates/<modality>/kernel` [Z, C_m], `gates/<modality>/bias`.
 *
 * @param channels C_m by modality
 */
export function multimodalTransfer(channels: Readonly<Record<string, number>>, reduction: number, gateScale: number) {
  const total = Object.values(channels).reduce((sum, own) => sum + own, 0);
  const size = Math.max(1, Math.floor((2 * total) / reduction));
  const squeeze = linear({ inputs: total, outputs: size });
  const gates = Object.fromEntries(Object.entries(channels).map(([modality, own]) => [modality, linear({ inputs: size, outputs: own })]));
  return {
    init: (random: RandomStream): Variables => initChildren({ squeeze, gates: { init: (r) => initChildren(gates, r) } }, random),
    apply(scope: Scope, maps: Readonly<Record<string, Tensor>>, gated: Gated = (own) => own): Readonly<Record<string, Tensor>> {
      const joint = relu.apply(
        scope,
        squeeze.apply(
          scope.at('squeeze'),
          tf.concat(
            Object.keys(channels).map((modality) => squeezed(maps[modality]!)),
            1,
          ),
        ),
      );
      const own = Object.fromEntries(
        Object.entries(gates).map(([modality, layer]) => {
          const open = tf.sigmoid(layer.apply(scope.at('gates').at(modality), joint));
          return [modality, gateScale === 1 ? open : tf.mul(open, gateScale)];
        }),
      );
      return Object.fromEntries(Object.entries(gated(own)).map(([modality, gate]) => [modality, gatedBy(maps[modality]!, gate)]));
    },
  };
}

/**
 * Channel fusion: a multimodal transfer module after some stages of the encoders lets every modality gate the channels of
 * all; at the end own linear heads, whose logits are averaged. Maps of any sizes, also with a time axis: positions are
 * averaged before anything is compared. The read-out of a modality is its own head, on features that the others have gated.
 *
 * Parameters: `exchange/stage<n>/..` as in `multimodalTransfer`, `heads/<modality>/kernel`, `heads/<modality>/bias`.
 * Source: Joze et al., "MMTM: Multimodal Transfer Module for CNN Fusion", CVPR 2020.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when an encoder has no stages, or fewer than are asked for.
 */
export function channel(context: FusionContext, options: ChannelOptions = {}): Fusion {
  const { after = [2, 3, 4], reduction = 4, gateScale = 2 } = options;
  const heads = mean(context);
  const modules = Object.fromEntries(
    after.map((stage) => {
      const channels = Object.fromEntries(context.modalities.map((modality) => [modality, channelsOf(context, modality, stage)]));
      return [`stage${stage}`, multimodalTransfer(channels, reduction, gateScale)];
    }),
  );
  const exchange: Exchange = {
    after,
    apply: (scope, stage, maps, gated) => modules[`stage${stage}`]!.apply(scope.at('exchange').at(`stage${stage}`), maps, gated),
  };
  return {
    init: (random) => mergeVariables([heads.init(random), prefixVariables('exchange', initChildren(modules, random.at('exchange')))]),
    apply: (scope, features) => heads.apply(scope, features),
    exchange,
  };
}

function channelsOf({ stages }: FusionContext, modality: string, stage: number): number {
  const channels = stages?.[modality];
  const own = channels?.[stage - 1];
  if (own !== undefined) return own;
  const what = channels === undefined ? 'no stages' : `${channels.length} stages`;
  throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `stage ${stage} of modality "${modality}" is asked for; its encoder has ${what}`, {
    where: WHERE,
    fix: 'Choose an encoder with stages (resnet18, lenet, ...) for every modality, or other stages in "after".',
  });
}

/** The fusion `channel`. */
export const channelFusion = definePiece({
  kind: 'fusion',
  id: 'channel',
  description: 'Multimodal transfer modules gate channels between stages of the encoders (MMTM); read-out: the own head',
  facts: {
    missing: 'The gates of every stage come from the maps of all modalities.',
    needs: ['stages'],
    paper: { title: 'MMTM: Multimodal Transfer Module for CNN Fusion', venue: 'CVPR 2020', url: 'https://arxiv.org/abs/1911.08670' },
    note: 'Gates are 2 sigmoid(..) as published; released code of the comparisons uses gateScale 1.',
  },
  options: z.strictObject({
    after: z.array(z.int().positive()).min(1).default([2, 3, 4]).describe('Stages after which channels are gated, counted from 1'),
    reduction: z.number().positive().default(4).describe('The joint representation has 2 * (sum of channels) / reduction units'),
    gateScale: z.number().positive().default(2).describe('A gate is gateScale * sigmoid(..): 2 as published, 1 as in released code'),
  }),
  create: (options, context) => channel(context, options),
});
