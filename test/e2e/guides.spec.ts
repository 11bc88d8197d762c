import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksIn, examplesOf } from './support/examples.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(root, 'packages/equimodal/bin/equimodal.js');
// Inside the workspace, so that the packages resolve as they do for a user who installed them.
const dir = join(root, 'test', 'test-output', 'guides');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Run = readonly [what: string, args: readonly string[], printed: RegExp];

/** What is run of each guide, and what it prints. Every other block is a file that one of these loads. */
const GUIDES: [page: string, runs: readonly Run[]][] = [
  [
    'write-a-loss',
    [
      ['by hand', ['poly-one-by-hand.mjs'], /^equal logits 1\.1931 1\.1931\ngradient (-0\.\d{2})\d \1\d\n$/],
      ['the kit', ['--test', '--test-reporter=tap', 'poly-one.test.mjs'], /loss poly-one[\s\S]*# fail 0/],
      ['the command', [COMMAND, 'compare', 'poly-one.yaml', '--jobs', '1', '--out', 'runs-poly'], /\| concat-poly +\||concat-poly +\d/],
    ],
  ],
  [
    'change-gradients',
    [
      ['by hand', ['even-norms-by-hand.mjs'], /audio\/kernel 1\.8\d* 2\.4\d*\nencoders\/image\/kernel 0 3\nfusion\/head\/kernel 7\n$/],
      ['in training', ['even-norms-train.mjs'], /^(audio \/ image \d+\.\d{3}\n)+completed\n$/],
    ],
  ],
  [
    'from-pytorch',
    [
      ['the loop', ['loop.mjs'], /^predicted 0 1 1 0\n$/],
      ['weights', ['weights.mjs'], /^y = -1\.5 -2\.5\n$/],
    ],
  ],
  [
    'signals-cookbook',
    [['all recipes', ['cookbook.mjs'], /gradients 0: \w+ x \d[\s\S]*loss \d[\s\S]*alpha by alpha-by-gap[\s\S]*stopped: no improvement/]],
  ],
];

describe.each(GUIDES)('the guide %s', (name, runs) => {
  const page = `docs/guides/${name}.md`;
  const examples = examplesOf(page);
  const place = join(dir, name);

  beforeAll(() => {
    mkdirSync(place, { recursive: true });
    for (const [file, text] of examples) writeFileSync(join(place, file), text);
  });

  it('has no example that is not run', () => {
    expect(examples.size).toBe(blocksIn(page, ['js', 'ts', 'yaml', 'python']));
    const used = [
      ...runs.flatMap(([, args]) => args),
      ...[...examples.values()].flatMap((text) => [...text.matchAll(/\.\/([\w.-]+\.mjs)/g)].map(([, file]) => file!)),
    ];
    for (const file of examples.keys()) expect(used).toContain(file);
  });

  it.each(runs)('runs %s', async (_what, args, printed) => {
    // A runner that prints in colour, or is a runner, asks its children to be so, too.
    const {
      FORCE_COLOR: _1,
      NODE_TEST_CONTEXT: _2,
      VITEST: _3,
      VITEST_WORKER_ID: _4,
      VITEST_POOL_ID: _5,
      VITEST_MODE: _6,
      ...env
    } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: place, env, maxBuffer: 2 ** 26 });
    expect(stdout).toMatch(printed);
  });
});

it('the plot of the cookbook has a line for each modality', () => {
  const svg = readFileSync(join(dir, 'signals-cookbook', 'accuracy.svg'), 'utf8');
  expect(svg.match(/<polyline [^>]*points="[\d.]+,[\d.]+ [^"]+"/g)).toHaveLength(2);
});
