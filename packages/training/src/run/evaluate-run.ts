import { Evaluator } from '../evaluation/evaluate.js';
import { FinalScorer } from '../evaluation/final.js';
import type { RunMetrics } from './request.js';
import { readParameters, withStoredRun, type StoredRunRequest } from './stored-run.js';
import { checkWithout } from './without.js';

/** A run to score again. */
export interface EvaluateRunRequest extends StoredRunRequest {
  /** Modalities that are missing. */
  readonly without?: readonly string[];
  /** After how many epochs, of those that were kept. Default: the selected parameters. */
  readonly epochs?: number;
}

/**
 * Scores a finished run's selected parameters again, from its checkpoint, or those it kept after some epochs; with missing modalities
 * only the fused prediction.
 *
 * @throws EQM_RUN_MISSING without a checkpoint, EQM_CONFIG_INCOMPATIBLE where the run cannot do without a modality.
 */
export async function evaluateRun(request: EvaluateRunRequest): Promise<RunMetrics> {
  const { host, engine, recipe, folder, without = [], epochs } = request;
  const { params, state, meta, dispose } = readParameters(folder, recipe, epochs);
  const { progress = {} } = meta as unknown as {
    progress?: { epoch?: number; best?: { epoch: number } | null; auxiliaryPasses?: number; alphaPasses?: number };
  };
  const trained = epochs ?? progress.epoch ?? 0;
  try {
    return await withStoredRun(request, async ({ model, splits, modalities, metrics }) => {
      checkWithout(host, recipe, model, without);
      const evaluator = new Evaluator({ engine, model, modalities, metrics, batchSize: recipe.training.evaluationBatchSize, without });
      try {
        const final = new FinalScorer(evaluator, { params, state }, splits.train);
        const validation = splits.validation === null ? null : (await final.score(splits.validation)).figures;
        const test = (await final.score(splits.test)).figures;
        return {
          selection: recipe.training.selection,
          epochs: trained,
          selectedEpoch: (epochs === undefined ? progress.best?.epoch : undefined) ?? trained - 1,
          dataPassesPerEpoch: 1 + (progress.auxiliaryPasses ?? 0) / Math.max(1, trained),
          alphaPassesPerEpoch: (progress.alphaPasses ?? 0) / Math.max(1, trained),
          validation,
          test,
        };
      } finally {
        evaluator.dispose();
      }
    });
  } finally {
    dispose();
  }
}
