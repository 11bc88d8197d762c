import { chooseRows, EquimodalError, type RandomStream } from '@equimodal/core';
import type { ClipLists, ClipRow } from '../clips/list.js';
import { actedEmotion, actorOf } from './list.js';

export interface ActorShares {
  readonly validation: number;
  readonly test: number;
}

/**
 * Parts clips by actor: nobody is in two splits.
 *
 * @param stems names of the clips.
 * @throws EQM_DATA_SPLIT when there are too few actors.
 */
export function actorLists(stems: readonly string[], { validation, test }: ActorShares, random: RandomStream, folder: string): ClipLists {
  const rows = stems.flatMap((name): ClipRow[] => {
    const label = actedEmotion(name);
    return label === undefined ? [] : [{ name, label, where: folder }];
  });
  const [tested, rest] = cut(rows, test, random.at('test'));
  const [held, train] = cut(rest, validation / (1 - test), random.at('validation'));
  for (const [split, part] of Object.entries({ train, validation: held, test: tested })) {
    if (part.length > 0) continue;
    const actors = new Set(rows.map(({ name }) => actorOf(name))).size;
    throw new EquimodalError('EQM_DATA_SPLIT', `${actors} actors leave no clip for ${split}`, { where: folder });
  }
  return { train, validation: held, test: tested };
}

/** Whole actors that make up about `share` of the rows, and the others. */
function cut(rows: readonly ClipRow[], share: number, random: RandomStream): [ClipRow[], ClipRow[]] {
  const chosen = chooseRows(new Int32Array(rows.length), { fraction: share, random, groups: rows.map(({ name }) => actorOf(name)) });
  return [rows.filter((_, i) => chosen.has(i)), rows.filter((_, i) => !chosen.has(i))];
}
