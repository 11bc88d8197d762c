import { EquimodalError, type ModalitySpec, type RunContainer, type Split } from '@equimodal/core';
import { Evaluator } from '../evaluation/evaluate.js';
import type { ModelDescription, StoredModel } from './described.js';
import { openModel, type OpenRequest } from './open.js';

/** Samples by modality: row-major [samples, ...shape], or nested lists of them. */
export type Samples = Readonly<Record<string, ArrayLike<number> | readonly unknown[]>>;

/** What a model says of samples. */
export interface PredictedSamples {
  readonly classes: readonly string[];
  /** Index of the most probable class of each sample. */
  readonly predicted: Int32Array;
  /** Row-major [samples, classes]. */
  readonly probabilities: Float32Array;
  /** The same by modality, of its own read-out. */
  readonly unimodal: Readonly<Record<string, Float32Array>>;
}

/** A trained model that predicts, read from a run folder or an export. Dispose it. */
export class Predictor {
  private constructor(
    private readonly stored: StoredModel,
    private readonly container: RunContainer,
    private readonly evaluator: Evaluator,
  ) {}

  /**
   * @throws EQM_RUN_MISSING, EQM_CHECKPOINT_CORRUPT, EQM_CHECKPOINT_MISMATCH if the weights do not fit the pieces,
   *   EQM_WEIGHTS_MISSING and EQM_WEIGHTS_MISMATCH for the weight file of a frozen encoder of a run.
   */
  static async open(dir: string, request: OpenRequest): Promise<Predictor> {
    const { stored, container, model } = await openModel(dir, request);
    const { engine } = request;
    const { recipe, modalities } = stored.description;
    const batchSize = recipe.training.evaluationBatchSize;
    return new Predictor(stored, container, new Evaluator({ engine, model, modalities, metrics: [], batchSize }));
  }

  get description(): ModelDescription {
    return this.stored.description;
  }

  /**
   * Class probabilities of samples.
   *
   * @throws EQM_DATA_MALFORMED for a modality that is missing, has another shape or another number of samples, or a number that is not finite.
   */
  async predict(samples: Samples): Promise<PredictedSamples> {
    return this.predictSplit(splitOf(samples, this.description.modalities));
  }

  /** The same for a split of a dataset. */
  async predictSplit(split: Split): Promise<PredictedSamples> {
    const { classes } = this.description;
    const { params, state } = this.stored;
    const { probabilities, unimodal } = await this.evaluator.outputs(params, state, split);
    const predicted = Int32Array.from({ length: split.size }, (_, row) => {
      const own = probabilities.subarray(row * classes.length, (row + 1) * classes.length);
      return own.indexOf(Math.max(...own));
    });
    return { classes, predicted, probabilities, unimodal };
  }

  async dispose(): Promise<void> {
    this.evaluator.dispose();
    this.stored.dispose();
    await this.container.dispose();
  }
}

/** Samples as a split without labels. */
function splitOf(samples: Samples, modalities: readonly ModalitySpec[]): Split {
  const malformed = (message: string): EquimodalError => new EquimodalError('EQM_DATA_MALFORMED', message, { where: 'samples' });
  const sizes = new Map<string, number>();
  const arrays = modalities.map(({ name, kind, shape }) => {
    const given = samples[name];
    if (given === undefined) throw malformed(`there are no samples of modality "${name}"`);
    const numbers = Array.isArray(given) ? (given.flat(Infinity) as number[]) : (given as ArrayLike<number>);
    const values = kind === 'tokens' ? Int32Array.from(numbers) : Float32Array.from(numbers);
    const width = shape.reduce((a, b) => a * b, 1);
    if (values.length === 0 || values.length % width !== 0) {
      throw malformed(`modality "${name}" has ${values.length} numbers; expected samples of [${shape.join(', ')}], ${width} each`);
    }
    if (values.some((value) => !Number.isFinite(value))) throw malformed(`modality "${name}" has a value that is not a finite number`);
    sizes.set(name, values.length / width);
    return { name, values, width };
  });
  const [size = 0, ...others] = new Set(sizes.values());
  if (others.length > 0)
    throw malformed(`the modalities have ${[...sizes].map(([name, count]) => `${count} (${name})`).join(' and ')} samples`);
  return {
    size,
    labels: new Int32Array(size),
    read: (rows) =>
      Object.fromEntries(
        arrays.map(({ name, values, width }) => {
          const out = values instanceof Int32Array ? new Int32Array(rows.length * width) : new Float32Array(rows.length * width);
          rows.forEach((row, i) => out.set(values.subarray(row * width, (row + 1) * width), i * width));
          return [name, out];
        }),
      ),
  };
}
