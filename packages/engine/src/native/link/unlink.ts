import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '@equimodal/core';
import { nativeFolder } from '../library/library.js';
import { withLock } from './lock.js';

/**
 * Removes the linked engine; `linkNative` makes it again. Waits for a process that is linking. An official binary inside the
 * package is left alone.
 *
 * @throws EQM_ENGINE_LINK when another process keeps linking.
 */
export async function unlinkNative(): Promise<void> {
  await withLock(join(cacheFolder(), 'link.lock'), async () => rmSync(nativeFolder(), { recursive: true, force: true }));
}
