/** Squared length of a gradient over that of its parameters, for the two paths into one branch. */
export interface Speeds {
  /** The gate of the branch, with the joint layer that every gate shares: what the other modality learns through. */
  readonly bypass: number;
  /** The branch itself: its encoder and head. */
  readonly main: number;
}

/** Sums over the steps that were not curated, by modality. Plain data. */
export type SpeedSums = Readonly<Record<string, Speeds>>;

export function addSpeeds(sums: SpeedSums, step: SpeedSums): SpeedSums {
  return Object.fromEntries(
    Object.entries(step).map(([name, { bypass, main }]) => [
      name,
      { bypass: (sums[name]?.bypass ?? 0) + bypass, main: (sums[name]?.main ?? 0) + main },
    ]),
  );
}

/** Conditional learning speed, log10 of bypass over main: large where a branch learns from the other one rather than from its input. */
export function conditionalSpeed({ bypass, main }: Speeds): number {
  return bypass > 0 && main > 0 ? Math.log10(bypass / main) : 0;
}

/** What is being done at the moment. Plain data. */
export interface Curation {
  readonly sums: SpeedSums;
  /** The modality whose gates stand still; null: none. */
  readonly target: string | null;
  /** Curated steps so far. */
  readonly counter: number;
}

export const NOTHING_CURATED: Curation = { sums: {}, target: null, counter: 0 };

/**
 * One step further. When the conditional speeds of the two modalities differ by more than `epsilon`, the gates of the faster one stand still
 * for the next `window` steps. Steps that are curated do not count in the sums.
 *
 * @param locked sums grow and nothing is curated
 */
export function nextCuration(
  { sums, target, counter }: Curation,
  step: SpeedSums,
  { epsilon, window, locked }: { readonly epsilon: number; readonly window: number; readonly locked: boolean },
): Curation {
  if (target !== null) return counter + 1 >= window ? { sums, target: null, counter: 0 } : { sums, target, counter: counter + 1 };
  const next = addSpeeds(sums, step);
  const [first, second] = Object.keys(next) as [string, string];
  const difference = conditionalSpeed(next[first]!) - conditionalSpeed(next[second]!);
  const curate = !locked && Math.abs(difference) > epsilon;
  return { sums: next, target: curate ? (difference < 0 ? second : first) : null, counter: 0 };
}
