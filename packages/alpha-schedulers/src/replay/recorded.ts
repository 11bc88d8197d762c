import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EquimodalError, messageOf } from '@equimodal/core';
import { parse } from 'csv-parse/sync';

const WHERE = 'alpha.from';

/**
 * The alpha of each epoch that a file or a run recorded.
 *
 * @param path the folder of a run, its `signals.jsonl`, or a CSV file with a column `alpha`; relative to `baseDir`
 * @throws EQM_CONFIG_INVALID when there is no such file or no curve in it
 */
export function recordedAlphas(path: string, baseDir: string): number[] {
  const found = resolve(baseDir, path);
  const file = existsSync(found) && statSync(found).isDirectory() ? join(found, 'signals.jsonl') : found;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new EquimodalError('EQM_CONFIG_INVALID', `a recorded curve cannot be read: ${messageOf(cause)}`, { where: WHERE });
  }
  const alphas = file.endsWith('.csv') ? fromCsv(text, file) : fromSignals(text, file);
  const wrong = alphas.findIndex((alpha) => !(alpha >= 0 && alpha <= 1));
  if (wrong >= 0) throw invalid(file, `entry ${wrong + 1} of the recorded curve is no number in [0, 1]`);
  if (alphas.length === 0) throw invalid(file, 'there is no recorded curve of alpha in it');
  return alphas;
}

/** The alpha in force when each epoch began. */
function fromSignals(text: string, file: string): number[] {
  const alphas: number[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('{"type":"epoch.started"')) continue;
    try {
      const { epoch, alpha } = JSON.parse(line) as { epoch: number; alpha: number };
      // A run that was continued may have begun an epoch twice: the last counts.
      alphas[epoch] = alpha;
    } catch (cause) {
      throw invalid(file, `a signal is not JSON: ${messageOf(cause)}`);
    }
  }
  return Array.from(alphas, (alpha) => alpha ?? Number.NaN);
}

function fromCsv(text: string, file: string): number[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true });
  } catch (cause) {
    throw invalid(file, `it is no CSV file: ${messageOf(cause)}`);
  }
  const columns = Object.keys(rows[0] ?? {});
  if (rows.length > 0 && !columns.includes('alpha')) throw invalid(file, `it has no column "alpha", but ${columns.join(', ')}`);
  return rows.map((row) => (row['alpha'] === '' ? Number.NaN : Number(row['alpha'])));
}

const invalid = (file: string, message: string): EquimodalError =>
  new EquimodalError('EQM_CONFIG_INVALID', `${file}: ${message}`, {
    where: WHERE,
    fix: 'Name the folder of a finished run that has an alpha, or a CSV file with a column "alpha", an epoch a line.',
  });
