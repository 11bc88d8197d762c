import type { LossesContext, LossTerm, MethodContext, PredictContext, Prediction, RandomStream, Scope, Variables } from '@equimodal/core';
import { initChildren, linear } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** One linear classifier for each modality, beside the fused head. */
export interface OwnHeads {
  /** `heads/<modality>/kernel` [featureSize, classes] and `heads/<modality>/bias`. */
  init(random: RandomStream): Variables;
  /**
   * Logits [batch, classes] by modality.
   *
   * @param scope the method's own
   */
  logits(scope: Scope, features: Readonly<Record<string, Tensor>>): Record<string, Tensor>;
  /** The terms `unimodal/<modality>` of weight 1: the configured classification loss of each head. */
  terms(context: Pick<LossesContext, 'scope' | 'features' | 'classification'>): LossTerm[];
  /** The heads as read-outs, which evaluation reports. */
  predict(context: PredictContext): Prediction;
  /** Whether a path, counted from the root of all parameters, is a parameter of the head of this modality. */
  owns(path: string, modality: string): boolean;
}

/** Heads of a method's own, for every modality of the run. */
export function ownHeads({ modalities, featureSizes, classes }: Pick<MethodContext, 'modalities' | 'featureSizes' | 'classes'>): OwnHeads {
  // Made when they are needed: a method is also created before the sizes are known.
  const head = (name: string) => linear({ inputs: featureSizes[name]!, outputs: classes });
  const logits: OwnHeads['logits'] = (scope, features) =>
    Object.fromEntries(modalities.map((name) => [name, head(name).apply(scope.at('heads').at(name), features[name]!)]));
  return {
    init: (random) =>
      initChildren(
        { heads: { init: (own) => initChildren(Object.fromEntries(modalities.map((name) => [name, head(name)])), own) } },
        random,
      ),
    logits,
    terms: ({ scope, features, classification }) =>
      Object.entries(logits(scope, features)).map(([name, own]) => ({
        name: unimodalTerm(name),
        kind: 'classification',
        value: classification(own),
        weight: 1,
      })),
    predict: ({ scope, features }) => ({ unimodal: logits(scope, features) }),
    owns: (path, modality) => path.startsWith('methods/') && path.split('/').slice(2, 4).join('/') === `heads/${modality}`,
  };
}

/** The name of the term that trains one modality. */
export const unimodalTerm = (modality: string): string => `unimodal/${modality}`;

/** The terms that train single modalities put in the place of those that the row has. */
export function withUnimodalTerms(terms: readonly LossTerm[], own: readonly LossTerm[]): LossTerm[] {
  return [...terms.filter(({ name }) => !name.startsWith('unimodal/')), ...own];
}
