import { mkdirSync, writeFileSync } from 'node:fs';
import { writeCheckpoint } from '../checkpoint/checkpoint.js';
import { writeJson } from '../run/run-folder.js';
import { modelCard } from './card.js';
import { exportFiles } from './described.js';
import { openModel, type OpenRequest } from './open.js';

/**
 * Writes the selected model of a finished run into a folder: `model.safetensors` (tensors `params/<path>` and `state/<path>`, readable by any
 * safetensors library), `model.json` (what it is made of) and `README.md` (a model card). The folder is all that `predict` needs:
 * the weights of frozen encoders are in it too.
 *
 * @returns the files written
 * @throws EQM_RUN_MISSING for a folder without a finished run, EQM_CHECKPOINT_CORRUPT for a damaged checkpoint, EQM_CHECKPOINT_MISMATCH
 *   for one that does not fit the pieces, EQM_WEIGHTS_MISSING and EQM_WEIGHTS_MISMATCH for the weight file of a frozen encoder.
 */
export async function exportRun(runDir: string, out: string, request: OpenRequest): Promise<readonly string[]> {
  const { stored, container } = await openModel(runDir, request);
  try {
    const files = exportFiles(out);
    mkdirSync(out, { recursive: true });
    const { params, state, description } = stored;
    writeCheckpoint(files.weights, { trees: { params, state }, meta: { format: description.format } });
    writeFileSync(files.card, modelCard(description));
    writeJson(files.description, description);
    return Object.values(files);
  } finally {
    stored.dispose();
    await container.dispose();
  }
}
