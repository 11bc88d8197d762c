import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const SPEC = /\.spec\.(ts|mjs)$/;
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'test-output', 'fixtures']);

function hasSpecs(folder) {
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    if (entry.isDirectory()) return !SKIPPED_FOLDERS.has(entry.name) && hasSpecs(join(folder, entry.name));
    return SPEC.test(entry.name);
  });
}

/** The folders that have tests, relative to the root: each package, the test workspace, the tools. */
export function testedProjects(root) {
  const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name));
  return [...packages, 'test', 'tools'].filter(
    (folder) => existsSync(join(root, folder, 'vitest.config.ts')) && hasSpecs(join(root, folder)),
  );
}

export function clearReports(root, projects) {
  for (const project of projects) rmSync(join(root, project, 'test-output'), { recursive: true, force: true });
}

function emptyTotals() {
  return { passed: 0, failed: 0, skipped: 0, failures: [] };
}

/** First line of an assertion's message, without colours. */
function reason(message) {
  return (message ?? '').replace(/\u001b\[[0-9;]*m/g, '').split('\n')[0];
}

/** Counts one vitest JSON report. A file that could not even be loaded counts as one failed test. */
export function countReport(report, root) {
  const totals = emptyTotals();
  for (const file of report.testResults) {
    const name = relative(root, file.name);
    let failedHere = 0;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') totals.passed += 1;
      else if (test.status === 'failed') {
        failedHere += 1;
        totals.failures.push({
          test: `${name} > ${test.fullName.trim()}`,
          reason: reason(test.failureMessages?.[0]),
        });
      } else totals.skipped += 1;
    }
    if (file.status === 'failed' && failedHere === 0) {
      failedHere = 1;
      totals.failures.push({ test: `${name} (the file itself)`, reason: reason(file.message) });
    }
    totals.failed += failedHere;
  }
  return totals;
}

/** Adds up the reports of all projects; `missing` are those that left none. */
export function collectReports(root, projects) {
  const sum = { ...emptyTotals(), missing: [] };
  for (const project of projects) {
    const path = join(root, project, 'test-output', 'vitest.json');
    let report;
    try {
      report = JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      sum.missing.push(project);
      continue;
    }
    const one = countReport(report, root);
    for (const key of ['passed', 'failed', 'skipped']) sum[key] += one[key];
    sum.failures.push(...one.failures);
  }
  return sum;
}

/** The closing line. */
export function closingLine({ passed, failed, skipped }) {
  return `Tests: ${passed} passed, ${failed} failed, ${skipped} skipped`;
}
