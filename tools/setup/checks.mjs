import { join } from 'node:path';
import { engineInUse } from './engine.mjs';
import { runMany } from './nx.mjs';
import { ROOT, runNode, tail } from './process.mjs';

const QUALITY = ['quality/packages.mjs', 'quality/packed.mjs', 'quality/docs.mjs', 'quality/api.mjs', 'quality/links.mjs'];

/** What every package must have, what npm would publish of it, and documents that are generated. */
async function quality() {
  const problems = [];
  for (const script of QUALITY) {
    const { status, output } = await runNode(join(ROOT, 'tools', script), ['--check']);
    if (status !== 0) problems.push(output.trim());
  }
  return problems;
}

/** `@equimodal/core:test` -> `test core`, `tools:lint-all` -> `lint`. */
function shortName(task) {
  const [project, target] = task.replace(/^@equimodal\//, '').split(':');
  return target.endsWith('-all') ? target.slice(0, -4) : `${target} ${project}`;
}

/**
 * Runs every check to the end, whatever fails before, and prints what failed.
 *
 * @returns {Promise<boolean>} whether anything failed
 */
export async function checkEverything(steps) {
  let failed = false;
  await steps.step('Packages and generated documents', async () => {
    const problems = await quality();
    if (problems.length === 0) return 'as they should be';
    failed = true;
    console.log(`\n${problems.join('\n')}\n`);
    return 'failed';
  });

  const engine = await engineInUse();
  await steps.step(`Lint, types and tests, on the engine: ${engine}`, async (note) => {
    const checks = await runMany(['lint-all', 'typecheck-all', 'test'], {
      // The engine is not a file: this makes results of another engine another cache entry.
      env: { EQUIMODAL_ENGINE_FOUND: engine },
      onTask: ({ task, cached }) => {
        if (!task.endsWith(':build')) note(`${shortName(task)}${cached ? ' (unchanged)' : ''}`);
      },
    });
    for (const { task, output } of checks.failed) console.log(`\n--- ${shortName(task)} ---\n${output}\n`);
    if (checks.status === 0) return `${checks.ran} tasks`;
    failed = true;
    if (checks.failed.length === 0) console.log(`\n${tail(checks.output, 60)}\n`);
    return `failed: ${checks.failed.map(({ task }) => shortName(task)).join(', ') || 'Nx itself'}`;
  });
  return failed;
}
