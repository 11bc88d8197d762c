import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EquimodalError, messageOf } from '../errors/errors.js';
import { isPlugin, type Plugin } from './plugin.js';

/**
 * Imports a plugin by path (`./my-plugin.js`, relative to the config) or by package name (resolved from
 * the config's folder, then from the current one).
 */
export async function loadPlugin(name: string, baseDir: string): Promise<Plugin> {
  const url = locate(name, baseDir);
  let module: Record<string, unknown>;
  try {
    module = (await import(url)) as Record<string, unknown>;
  } catch (error) {
    throw new EquimodalError('EQM_PLUGIN_LOAD', `plugin "${name}" could not be imported: ${messageOf(error)}`, {
      where: `plugins: ${name}`,
      cause: error,
    });
  }
  const plugin = [module['default'], module['plugin'], ...Object.values(module)].find(isPlugin);
  if (plugin === undefined) {
    throw new EquimodalError('EQM_PLUGIN_LOAD', `"${name}" exports no plugin`, { where: `plugins: ${name}` });
  }
  return plugin;
}

function locate(name: string, baseDir: string): string {
  if (/^(\.{1,2}\/|\/|[A-Za-z]:\\)/.test(name)) return pathToFileURL(resolve(baseDir, name)).href;
  for (const folder of [baseDir, process.cwd()]) {
    try {
      return pathToFileURL(createRequire(join(folder, 'resolve.js')).resolve(name)).href;
    } catch {
      // Not found from here; packages that only export "import" are tried below.
    }
  }
  return name;
}
