import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { featureFolder } from '@equimodal/training';
import type { Command } from 'commander';
import { withOutputFlags } from '../options.js';
import { print, printJson } from '../output/print.js';

/** `equimodal cache`: the features of frozen encoders that are kept, and `--clear`. */
export function cacheCommand(program: Command): void {
  withOutputFlags(program.command('cache').description('show the features of frozen encoders that are kept for later runs'))
    .option('--clear', 'remove them; the next run computes them again')
    .action((flags: { clear?: boolean; json?: boolean }) => {
      const folder = featureFolder();
      const names = existsSync(folder) ? readdirSync(folder) : [];
      const bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
      const cleared = flags.clear === true;
      if (cleared) rmSync(folder, { recursive: true, force: true });
      if (flags.json === true) printJson({ folder, files: names.length, bytes, cleared });
      else print(`${folder}\n${names.length} files, ${(bytes / 2 ** 20).toFixed(1)} MB${cleared ? ', removed' : ''}`);
    });
}
