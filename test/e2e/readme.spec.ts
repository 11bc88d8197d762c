import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { equimodal } from './support/cli.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the workspace, so that the packages resolve as they do for a user who installed them.
const dir = join(root, 'test', 'test-output', 'readme');
mkdirSync(dir, { recursive: true });
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The code block below a marker of the README. */
function example(name: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const match = new RegExp(`<!-- example:${name} -->\\n+(?:<!-- prettier-ignore -->\\n+)?\`\`\`js\\n([\\s\\S]*?)\`\`\``).exec(readme);
  if (match === null) throw new Error(`the README has no example "${name}"`);
  return match[1]!;
}

describe('the README', () => {
  it('has a library example of about twenty lines that runs', async () => {
    const code = example('library');
    expect(code.trim().split('\n').length).toBeLessThanOrEqual(22);
    const file = join(dir, 'library.mjs');
    writeFileSync(file, code);
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: dir });
    expect(stdout).toMatch(
      /^epoch 0: alpha 1\.00\nepoch 1: alpha 0\.63\nepoch 2: alpha 0\.39\nepoch 3: alpha 0\.28\ntest accuracy 0\.\d+\n$/,
    );
  });

  it('has a plugin example that an experiment can name', async () => {
    writeFileSync(join(dir, 'my-plugin.mjs'), example('plugin'));
    writeFileSync(
      join(dir, 'mine.yaml'),
      'plugins: [./my-plugin.mjs]\ndataset: { use: synthetic-av, train: 200, validation: 50, test: 50 }\nencoders: { default: { use: mlp, hidden: [8] } }\ntraining: { epochs: 3 }\nrecipes: [{ recipe: lfm-h, as: mine, alpha: linear }]\n',
    );
    const { status, stderr } = await equimodal(['compare', 'mine.yaml'], dir);
    expect(stderr).toContain('mine seed 0');
    expect(status).toBe(0);
    const alphas = readFileSync(join(dir, 'runs/mine/mine/seed-0/signals.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"alpha.updated"'))
      .map((line) => (JSON.parse(line) as { alpha: number }).alpha);
    expect(alphas).toEqual([1, 0.5, 0]);
  });
});
