import { cacheFolder } from '@equimodal/core';
import { mediaCacheLimit } from '@equimodal/datasets';
import { Argument, type Command } from 'commander';
import { CACHE_KINDS, cacheUsage, clearCache, REMADE, type CacheKind, type CacheUsage } from '../caches/caches.js';
import { withOutputFlags } from '../options.js';
import { columns, print, printJson } from '../output/print.js';
import { size } from '../output/size.js';

interface CacheFlags {
  readonly json?: boolean;
}

/** `equimodal cache`: what is kept between runs, and `clear`. */
export function cacheCommand(command: Command): void {
  withOutputFlags(command.command('list', { isDefault: true }).description('what is kept, where, and how large it is')).action(list);
  withOutputFlags(command.command('clear').description(`remove what is kept: ${REMADE.join(' and ')}, or one kind`))
    .addArgument(new Argument('[kind]', 'what to remove').choices(CACHE_KINDS))
    .action(clear);
}

function list({ json }: CacheFlags): void {
  const folder = cacheFolder();
  const limit = mediaCacheLimit();
  const kept = CACHE_KINDS.map(cacheUsage);
  if (json === true) printJson({ folder, mediaLimit: Number.isFinite(limit) ? limit : null, kept });
  else print(`${folder}\n\n${table(kept)}\n\nlimit of media: ${Number.isFinite(limit) ? size(limit) : 'none'}`);
}

async function clear(kind: CacheKind | undefined, { json }: CacheFlags): Promise<void> {
  const cleared: CacheUsage[] = [];
  for (const each of kind === undefined ? REMADE : [kind]) cleared.push(await clearCache(each));
  if (json === true) printJson({ cleared });
  else print(`removed\n\n${table(cleared)}`);
}

function table(kept: readonly CacheUsage[]): string {
  const rows = kept.map(({ kind, files, bytes, holds }) => [kind, `${files} ${files === 1 ? 'file' : 'files'}`, size(bytes), holds]);
  return columns(rows);
}
