import { mkdirSync, writeFileSync } from 'node:fs';
import { writeCheckpoint } from '../checkpoint/checkpoint.js';
import { writeJson } from '../run/run-folder.js';
import { modelCard } from './card.js';
import { exportFiles, readModel } from './described.js';

/**
 * Writes the selected model of a finished run into a folder: `model.safetensors` (tensors `params/<path>` and `state/<path>`, readable by any
 * safetensors library), `model.json` (what it is made of) and `README.md` (a model card). The folder is all that `predict` needs.
 *
 * @returns the files written
 * @throws EQM_RUN_MISSING for a folder without a finished run, EQM_CHECKPOINT_CORRUPT for a damaged checkpoint.
 */
export function exportRun(runDir: string, out: string): readonly string[] {
  const model = readModel(runDir);
  try {
    const files = exportFiles(out);
    mkdirSync(out, { recursive: true });
    const { params, state, description } = model;
    writeCheckpoint(files.weights, { trees: { params, state }, meta: { format: description.format } });
    writeFileSync(files.card, modelCard(description));
    writeJson(files.description, description);
    return Object.values(files);
  } finally {
    model.dispose();
  }
}
