import { alphaSchedulers } from '@equimodal/alpha-schedulers';
import { builtInRecipes } from '@equimodal/comparison';
import { Host, loadPlugin } from '@equimodal/core';
import { datasets } from '@equimodal/datasets';
import { encoders } from '@equimodal/encoders';
import { engines } from '@equimodal/engine';
import { fusion } from '@equimodal/fusion';
import { losses } from '@equimodal/losses';
import { methods } from '@equimodal/methods';
import { metrics } from '@equimodal/metrics';
import { observers } from '@equimodal/observers';

/** A host with every built-in piece and recipe. */
export function builtInHost(): Host {
  return new Host([engines, encoders, fusion, losses, alphaSchedulers, methods, metrics, datasets, observers, builtInRecipes()]);
}

/** The built-in host with the plugins that an experiment named, as a run or an exported model keeps them. */
export async function hostWithPlugins({
  plugins,
  baseDir,
}: {
  readonly plugins: readonly string[];
  readonly baseDir: string;
}): Promise<Host> {
  const host = builtInHost();
  for (const plugin of plugins) host.add(await loadPlugin(plugin, baseDir), plugin);
  return host;
}
