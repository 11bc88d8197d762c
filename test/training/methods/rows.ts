import type { Facts, Host, ModalitySpec } from '@equimodal/core';
import { builtInHost } from '@equimodal/cli';
import { toyDataset } from '@equimodal/testing';
import type { Toy } from '../support.js';

/** Options that let every phase of a method come within a few epochs. */
const OPTIONS: Readonly<Record<string, object>> = {
  unimodal: { modality: 'audio' },
  reconboost: { boostEpochs: 1, rectifyEpochs: 1 },
  'g-blend': { estimate: 1 },
  domfn: { pretrain: 1 },
  opm: { start: 1 },
  umt: { teach: 1 },
  relearning: { every: 1 },
};

const VECTORS: readonly ModalitySpec[] = ['audio', 'image'].map((name) => ({ name, kind: 'vector', shape: [8] }));
const IMAGES: readonly ModalitySpec[] = ['audio', 'image'].map((name) => ({ name, kind: 'image', shape: [16, 16, 1] }));

/** The ids of all built-in methods. */
export const METHODS: readonly string[] = builtInHost().ids('method');

export const factsOf = (host: Host, id: string): Facts => host.piece('method', id).facts as Facts;

/** A fusion that all these methods work with; undefined where there is none. */
export function commonFusion(host: Host, ids: readonly string[]): string | undefined {
  const limits = ids.flatMap((id) => (factsOf(host, id).fusions === undefined ? [] : [factsOf(host, id).fusions!]));
  if (limits.length === 0) return 'concat';
  const common = limits[0]!.filter((fusion) => limits.every((limit) => limit.includes(fusion)));
  return common.includes('concat') ? 'concat' : common[0];
}

/** A small row of two modalities with these methods in this order. */
export function rowOf(host: Host, ids: readonly string[]): Pick<Toy, 'dataset' | 'encoders' | 'recipe'> {
  const fusion = commonFusion(host, ids) ?? factsOf(host, ids[0]!).fusions![0]!;
  const methods = ids.map((id) => ({ use: id, ...OPTIONS[id] }));
  const staged = (host.piece('fusion', fusion).facts as Facts).needs?.includes('stages') === true;
  if (!staged)
    return { dataset: toyDataset(VECTORS), encoders: { default: { use: 'mlp', hidden: [12], features: 6 } }, recipe: { fusion, methods } };
  return {
    dataset: toyDataset(IMAGES),
    encoders: { default: { use: 'lenet', channels: [4, 4], features: 6 } },
    recipe: { fusion: { use: fusion, after: [1, 2] }, methods },
  };
}
