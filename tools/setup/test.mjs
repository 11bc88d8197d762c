/** `npm test`: set-up, then lint, types, documents and every test; closes with one line that sums up the tests. */
import { checkNode } from './node-version.mjs';
import { main, ROOT } from './process.mjs';

if (checkNode()) {
  const { prepare } = await import('./prepare.mjs');
  const { Steps } = await import('./steps.mjs');
  const { checkEverything } = await import('./checks.mjs');
  const { clearReports, closingLine, collectReports, testedProjects } = await import('./vitest-reports.mjs');

  const projects = testedProjects(ROOT);
  // What is there afterwards was written, or brought back from the cache, by this command.
  clearReports(ROOT, projects);
  await main(async () => {
    const steps = new Steps(5);
    await prepare(steps);
    return (await checkEverything(steps)) ? 1 : 0;
  });

  const sum = collectReports(ROOT, projects);
  if (sum.failures.length > 0) console.log('\nFailed tests:');
  for (const { test, reason } of sum.failures) console.log(`  ${test}\n      ${reason}`);
  if (sum.missing.length > 0) console.log(`\nNo test report from: ${sum.missing.join(', ')}`);
  if (process.exitCode !== 0) console.log('\nNot everything passed: see above.');
  console.log(`\n${closingLine(sum)}`);
  if (sum.failed > 0 || sum.missing.length > 0) process.exitCode ||= 1;
}
