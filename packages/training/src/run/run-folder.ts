import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { EquimodalError, writeAtomically, type Json } from '@equimodal/core';

/** Files of one run: `runs/<experiment>/<recipe>/seed-<n>/`. */
export class RunFolder {
  constructor(readonly dir: string) {}

  get manifest(): string {
    return join(this.dir, 'run.json');
  }
  get metrics(): string {
    return join(this.dir, 'metrics.json');
  }
  /** What the selected model said of each test sample. */
  get predictions(): string {
    return join(this.dir, 'predictions.safetensors');
  }
  get latest(): string {
    return join(this.dir, 'checkpoints', 'latest.safetensors');
  }
  get best(): string {
    return join(this.dir, 'checkpoints', 'best.safetensors');
  }
  /** Parameters after so many epochs, where `training.keepEpochs` has that number. */
  kept(epochs: number): string {
    return join(this.dir, 'checkpoints', `epoch-${epochs}.safetensors`);
  }

  exists(): boolean {
    return existsSync(this.manifest);
  }

  /** Moves what is there aside (`seed-0.old-1`), so that a new run never overwrites an old one. Returns the new place. */
  setAside(): string | null {
    if (!existsSync(this.dir)) return null;
    for (let n = 1; ; n++) {
      const place = `${this.dir}.old-${n}`;
      if (existsSync(place)) continue;
      renameSync(this.dir, place);
      return place;
    }
  }

  readManifest(): Record<string, Json> {
    return readJson(this.manifest, 'EQM_RUN_MISSING');
  }

  write(file: string, value: unknown): void {
    writeJson(file, value);
  }
}

/** Writes JSON beside the file and renames it over it. @throws EQM_DISK_FULL */
export function writeJson(file: string, value: unknown): void {
  writeAtomically(file, [`${JSON.stringify(value, null, 2)}\n`]);
}

export function readJson(file: string, code: 'EQM_RUN_MISSING'): Record<string, Json> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new EquimodalError(code, `there is no ${file}`, { where: file, cause: error });
  }
  try {
    return JSON.parse(text) as Record<string, Json>;
  } catch (error) {
    throw new EquimodalError(code, `${file} is not JSON`, { where: file, cause: error });
  }
}
