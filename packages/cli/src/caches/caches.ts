import { rmSync } from 'node:fs';
import { cacheFiles } from '@equimodal/core';
import { mediaCacheFolder } from '@equimodal/datasets';
import { nativeFolder, unlinkNative } from '@equimodal/engine';
import { featureFolder } from '@equimodal/training';

/** What one part of the user's cache folder holds. */
interface Cache {
  readonly holds: string;
  folder(): string;
  clear(): void | Promise<void>;
}

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

const CACHES = {
  media: {
    holds: 'decoded sounds and images',
    folder: mediaCacheFolder,
    clear: () => remove(mediaCacheFolder()),
  },
  features: {
    holds: 'features of frozen encoders',
    folder: featureFolder,
    clear: () => remove(featureFolder()),
  },
  engine: { holds: 'the linked native engine', folder: nativeFolder, clear: unlinkNative },
} as const satisfies Record<string, Cache>;

export type CacheKind = keyof typeof CACHES;

export const CACHE_KINDS = Object.keys(CACHES) as CacheKind[];

/** What the next run makes again by itself; an engine has to be linked again. */
export const REMADE: readonly CacheKind[] = ['media', 'features'];

export interface CacheUsage {
  readonly kind: CacheKind;
  readonly holds: string;
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

/** How many files of a kind there are, and how large they are together. */
export function cacheUsage(kind: CacheKind): CacheUsage {
  const { holds, folder } = CACHES[kind];
  const files = cacheFiles(folder());
  return { kind, holds, folder: folder(), files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Removes what is kept of a kind, and says what that was. */
export async function clearCache(kind: CacheKind): Promise<CacheUsage> {
  const usage = cacheUsage(kind);
  await CACHES[kind].clear();
  return usage;
}
