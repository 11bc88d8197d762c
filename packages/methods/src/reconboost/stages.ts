/** What an epoch is for. */
export interface BoostingEpoch {
  /** Counted from 0; learner `stage % M` is trained in it. */
  readonly stage: number;
  readonly kind: 'boost' | 'rectify';
  /** First epoch of its part of the stage. */
  readonly first: boolean;
}

/** Every stage trains one learner for some epochs, and then rectifies the whole ensemble for some. Epochs count from 0. */
export function boostingEpoch(epoch: number, { boost, rectify }: { readonly boost: number; readonly rectify: number }): BoostingEpoch {
  const within = epoch % (boost + rectify);
  const boosting = within < boost;
  return {
    stage: Math.floor(epoch / (boost + rectify)),
    kind: boosting ? 'boost' : 'rectify',
    first: within === 0 || within === boost,
  };
}

/** The modalities that have a learner in the ensemble before a stage. */
export function membersBefore(stage: number, modalities: readonly string[]): readonly string[] {
  return modalities.slice(0, stage);
}
