import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where what is built or computed once is kept: EQUIMODAL_CACHE, else the platform's cache folder for programs. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env['EQUIMODAL_CACHE']) return resolve(env['EQUIMODAL_CACHE']);
  if (env['XDG_CACHE_HOME']) return join(resolve(env['XDG_CACHE_HOME']), 'equimodal');
  if (platform === 'win32') {
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'equimodal', 'Cache');
  }
  return platform === 'darwin' ? join(homedir(), 'Library', 'Caches', 'equimodal') : join(homedir(), '.cache', 'equimodal');
}
