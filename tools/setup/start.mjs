/** `npm start`: from a bare clone to a first comparison. Arguments after `--` go to `equimodal compare`. */
import { checkNode } from './node-version.mjs';
import { main, runNode } from './process.mjs';

const EXPERIMENT = 'experiments/quickstart.yaml';

if (checkNode()) {
  const { prepare } = await import('./prepare.mjs');
  const { Steps } = await import('./steps.mjs');
  await main(async () => {
    const steps = new Steps(4);
    await prepare(steps);
    const args = ['compare', EXPERIMENT, ...process.argv.slice(2)];
    steps.announce(`equimodal ${args.join(' ')}`);
    const { status } = await runNode('packages/cli/bin/equimodal.js', args, { inherit: true });
    return status;
  });
}
