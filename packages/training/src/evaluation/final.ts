import type { Condition, ConditionInput, Metric, Predictions, Split, SplitMetrics, Tree } from '@equimodal/core';
import { PrecomputedEncoder } from '../frozen/precomputed.js';
import type { Model } from '../model/model.js';
import { conditioned, conditionKey, type ConditionedModality } from './conditions.js';
import type { Evaluator, SplitOutputs } from './evaluate.js';

/** A split's outputs and every figure of them. */
export interface FinalScore {
  readonly outputs: SplitOutputs;
  readonly figures: SplitMetrics;
}

/**
 * Scores splits with what an epoch computes and, beside it, with metrics that fit read-outs or look at predictions under conditions;
 * where modalities are missing there is nothing beside it.
 */
export class FinalScorer {
  /** Those that say more of the model that a run ends with. */
  readonly #metrics: readonly Metric[];
  #train: SplitOutputs | undefined;

  /** @param train the split that read-outs are fitted to */
  constructor(
    private readonly evaluator: Evaluator,
    private readonly trees: { readonly params: Tree; readonly state: Tree },
    private readonly train: Split,
  ) {
    const { metrics, without = [] } = evaluator.parts;
    this.#metrics = without.length === 0 ? metrics : [];
  }

  async score(split: Split): Promise<FinalScore> {
    const outputs = await this.#outputs(split);
    let figures = this.evaluator.figures(outputs);
    if (this.#metrics.some(({ probe }) => probe !== undefined)) {
      this.#train ??= await this.#outputs(this.train);
      figures = this.#probed(figures, this.#train, outputs);
    }
    return { outputs, figures: await this.#underConditions(figures, split, outputs) };
  }

  #outputs(split: Split): Promise<SplitOutputs> {
    return this.evaluator.outputs(this.trees.params, this.trees.state, split);
  }

  #probed(figures: SplitMetrics, train: SplitOutputs, scored: SplitOutputs): SplitMetrics {
    const { classes, encoders } = this.evaluator.parts.model;
    const featureSizes = Object.fromEntries(Object.keys(train.features).map((name) => [name, encoders[name]!.featureSize]));
    for (const { key, probe } of this.#metrics) {
      const found = probe?.({ classes, featureSizes, train, scored });
      if (found === undefined) continue;
      const own = Object.fromEntries(Object.entries(found.perModality).map(([name, value]) => [name, { [key]: value }]));
      figures = merged(figures, { [key]: found.all }, own);
    }
    return figures;
  }

  async #underConditions(figures: SplitMetrics, split: Split, outputs: SplitOutputs): Promise<SplitMetrics> {
    const asking = this.#metrics.filter(({ conditions }) => conditions !== undefined);
    if (asking.length === 0) return figures;
    const input = this.#conditions(split, outputs);
    for (const metric of asking) {
      const { all, perModality } = await metric.conditions!(input);
      figures = merged(figures, all, perModality);
    }
    return figures;
  }

  #conditions(split: Split, asTheyAre: SplitOutputs): ConditionInput {
    const { model, modalities: specs } = this.evaluator.parts;
    const modalities = specs.map(({ name }) => name);
    const shown = specs.map((spec): ConditionedModality => {
      const encoder = model.encoders[spec.name];
      return { ...spec, absent: encoder instanceof PrecomputedEncoder ? encoder.absentRow : null };
    });
    const done = new Map<string, Promise<Predictions>>([[conditionKey({}, modalities), Promise.resolve(predictions(asTheyAre, model))]]);
    const run = async (condition: Condition): Promise<Predictions> =>
      predictions(await this.#outputs(conditioned(split, shown, condition)), model);
    return {
      modalities,
      predict(condition) {
        const key = conditionKey(condition, modalities);
        let found = done.get(key);
        if (found === undefined) done.set(key, (found = run(condition)));
        return found;
      },
    };
  }
}

const predictions = ({ size, labels, probabilities }: SplitOutputs, { classes }: Model): Predictions => ({
  size,
  classes,
  labels,
  probabilities,
});

/** Figures with further ones. */
function merged(
  { perModality, ...figures }: SplitMetrics,
  all: Readonly<Record<string, number>>,
  own: SplitMetrics['perModality'],
): SplitMetrics {
  const names = [...new Set([...Object.keys(perModality), ...Object.keys(own)])];
  return { ...figures, ...all, perModality: Object.fromEntries(names.map((name) => [name, { ...perModality[name], ...own[name] }])) };
}
