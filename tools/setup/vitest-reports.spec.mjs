import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearReports, closingLine, collectReports, countReport, testedProjects } from './vitest-reports.mjs';

const report = {
  testResults: [
    {
      name: '/w/packages/a/src/x.spec.ts',
      status: 'failed',
      message: '',
      assertionResults: [
        { status: 'passed', fullName: 'x adds' },
        {
          status: 'failed',
          fullName: 'x divides',
          failureMessages: ['\u001b[31mexpected 1 to be 2\u001b[39m\n  at x'],
        },
        { status: 'skipped', fullName: 'x waits' },
        { status: 'todo', fullName: 'x later' },
      ],
    },
    {
      name: '/w/packages/a/src/y.spec.ts',
      status: 'failed',
      message: 'SyntaxError: bad',
      assertionResults: [],
    },
  ],
};

describe('countReport', () => {
  it('counts tests, and a file that did not load as a failure', () => {
    expect(countReport(report, '/w')).toEqual({
      passed: 1,
      failed: 2,
      skipped: 2,
      failures: [
        { test: 'packages/a/src/x.spec.ts > x divides', reason: 'expected 1 to be 2' },
        { test: 'packages/a/src/y.spec.ts (the file itself)', reason: 'SyntaxError: bad' },
      ],
    });
  });
});

describe('in a workspace', () => {
  let root;
  const write = (path, text) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'equimodal-reports-'));
    for (const name of ['a', 'b', 'empty']) write(`packages/${name}/vitest.config.ts`, '');
    write('packages/a/src/x/x.spec.ts', '');
    write('packages/b/src/y.spec.ts', '');
    write('packages/empty/node_modules/dep/z.spec.ts', '');
    write('packages/a/test-output/vitest.json', JSON.stringify(report));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('knows which projects have tests', () => {
    expect(testedProjects(root).sort()).toEqual(['packages/a', 'packages/b']);
  });

  it('adds up the reports and names the projects that left none', () => {
    const sum = collectReports(root, testedProjects(root));
    expect(sum).toMatchObject({ passed: 1, failed: 2, skipped: 2, missing: ['packages/b'] });
    expect(closingLine(sum)).toBe('Tests: 1 passed, 2 failed, 2 skipped');
  });

  it('counts nothing that was there before', () => {
    const projects = testedProjects(root);
    clearReports(root, projects);
    expect(collectReports(root, projects).missing.sort()).toEqual(['packages/a', 'packages/b']);
  });
});
