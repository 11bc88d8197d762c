import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EquimodalError, KINDS } from '@equimodal/core';
import type { Command } from 'commander';
import { withOutputFlags } from '../options.js';
import { print, printJson } from '../output/print.js';
import { pieceNames, scaffoldPackage } from '../scaffold/scaffold.js';

interface NewFlags {
  readonly dir?: string;
  readonly package?: string;
  readonly json?: boolean;
}

/** `equimodal new KIND NAME`: a package with one piece that passes its tests at once. */
export function newCommand(command: Command): void {
  withOutputFlags(command)
    .addHelpText('after', `\nKinds: ${KINDS.join(', ')}`)
    .option('--dir <folder>', 'where it goes (default: a folder of that name)')
    .option('--package <name>', 'name of the package (default: the name of the piece)')
    .action(write);
}

function write(kind: string, id: string, { dir = id, package: packageName = id, json }: NewFlags): void {
  const files = scaffoldPackage(pieceNames(kind, id), packageName);
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new EquimodalError('EQM_CLI_USAGE', `${resolve(dir)} is there already and is not empty`, {
      fix: 'Choose another place with --dir; nothing was written.',
    });
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  if (json === true) printJson({ kind, id, dir: resolve(dir), files: Object.keys(files) });
  else
    print(
      [
        `wrote ${Object.keys(files).length} files to ${dir}`,
        '',
        `  cd ${dir}`,
        '  npm install',
        '  npm test',
        `  npx equimodal list ${kind} --config experiment.yaml`,
        '  npx equimodal train experiment.yaml',
      ].join('\n'),
    );
}
