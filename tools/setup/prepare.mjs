import { build } from './build.mjs';
import { prepareEngine } from './engine.mjs';
import { install } from './install.mjs';

/** What every command of ours does first: packages, build, engine. Three steps. */
export async function prepare(steps, options) {
  await steps.step('Install the packages', install);
  await steps.step('Build', build);
  await steps.step('Prepare the engine', (note) => prepareEngine(note, options));
}
