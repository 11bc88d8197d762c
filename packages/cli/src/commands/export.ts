import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { EquimodalError } from '@equimodal/core';
import { selectEngine } from '@equimodal/engine';
import { exportRun } from '@equimodal/training';
import type { Command } from 'commander';
import { withOutputFlags } from '../options.js';
import { print, printJson } from '../output/print.js';

/** `equimodal export RUN_DIR FOLDER`: the selected model of a run, as files that others can use. */
export function exportCommand(program: Command): void {
  withOutputFlags(
    program.command('export <run-dir> <folder>').description('write the model of a run: safetensors, what it is made of, a model card'),
  ).action(async (dir: string, out: string, { json }: { readonly json?: boolean }) => {
    if (existsSync(out) && readdirSync(out).length > 0) {
      throw new EquimodalError('EQM_CLI_USAGE', `${resolve(out)} is there already and is not empty`, {
        fix: 'Choose another folder; nothing was written.',
      });
    }
    await selectEngine({ requested: 'cpu' }); // tensors are only copied
    const files = exportRun(dir, out);
    if (json === true) printJson({ files });
    else print(`wrote\n${files.map((file) => `  ${file}`).join('\n')}`);
  });
}
