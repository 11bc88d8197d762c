/** `npm run setup`: packages, build, engine; tries the engine again where it failed before. */
import { checkNode } from './node-version.mjs';
import { main } from './process.mjs';

if (checkNode()) {
  const { prepare } = await import('./prepare.mjs');
  const { Steps } = await import('./steps.mjs');
  await main(async () => {
    await prepare(new Steps(3), { retry: true });
    return 0;
  });
}
