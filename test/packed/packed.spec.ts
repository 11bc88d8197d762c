import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS } from '@equimodal/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeConsumer, WORKSPACE, type Consumer } from './consumer.js';

/** `EQUIMODAL_PACKED=npm` installs with npm, as a user does; without, what is not ours comes from the workspace. */
const how = process.env['EQUIMODAL_PACKED'] === 'npm' ? 'npm' : 'unpacked';
/** The rest of the table, when there is time for it. */
const full = how === 'npm';
let consumer: Consumer;
beforeAll(async () => {
  consumer = await makeConsumer(how);
});
afterAll(() => consumer.done());

const PLUGIN = 'equimodal-plugin-lanterns';
const BIN = 'node_modules/equimodal/bin/equimodal.js';
const EXPERIMENT = `
plugins: [${PLUGIN}]
dataset: { use: synthetic-av, train: 200, validation: 60, test: 60 }
encoders: { default: { use: mlp, hidden: [12], features: 8 } }
training: { epochs: 4, batchSize: 50 }
observers: [jsonl, { use: patience, epochs: 2 }]
recipes: [concat, lantern, { recipe: lfm-h, as: faded, alpha: { use: cosine, from: 0.8 }, methods: [{ use: modality-dropout, rate: 0.2 }] }]
reference: concat
`;

/** A program of less than twenty lines that trains, watches, steers and compares. */
const LIBRARY = `
import { compare, formatMarkdownTable, train } from 'equimodal';
import { filter, take } from 'rxjs';
import lanterns from '${PLUGIN}';

const experiment = {
  dataset: { use: 'synthetic-av', train: 200, validation: 60, test: 60 },
  encoders: { default: { use: 'mlp', hidden: [12], features: 8 } },
  training: { epochs: 3, batchSize: 50 },
  recipes: ['concat', 'lantern'],
  reference: 'concat',
};
const attach = (signals, controls) => signals.on('epoch.started').pipe(filter(({ epoch }) => epoch === 1), take(1)).subscribe(() => controls.setAlpha(0.25));
const run = await train(experiment, { plugins: [lanterns], recipe: 'lantern', attach });
console.log('accuracy', run.metrics.test.accuracy);
console.log(formatMarkdownTable(await compare(experiment, { plugins: [lanterns] })));
`;

describe(`an empty project with our packages ${how === 'npm' ? 'installed' : 'unpacked'}`, () => {
  it('has every package, with no test file', () => {
    expect(consumer.names).toContain('equimodal');
    expect(consumer.names.length).toBeGreaterThan(17);
  });

  it('runs a short program that trains and compares', async () => {
    consumer.write('library.js', LIBRARY);
    expect(LIBRARY.trim().split('\n').length).toBeLessThanOrEqual(20);
    const { status, output } = await consumer.node('library.js');
    expect(output).toMatch(/accuracy 0\.\d+/);
    expect(output).toMatch(/\| lantern +\|/);
    expect(status).toBe(0);
  });

  it('runs the command, with the plugin named in a file', async () => {
    consumer.write('mine.yaml', EXPERIMENT);
    const { status, output } = await consumer.node(BIN, 'compare', 'mine.yaml', '--jobs', '1');
    expect(output).toMatch(/faded/);
    expect(status).toBe(0);
    const signals = readFileSync(join(consumer.dir, 'runs/mine/lantern/seed-0/signals.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { type: string; alpha: number; reports: Record<string, number> });
    const alphas = signals.filter(({ type }) => type === 'alpha.updated').map(({ alpha }) => alpha);
    for (const [epoch, alpha] of alphas.entries()) expect(alpha).toBeCloseTo((1 + Math.cos((Math.PI * epoch) / 3)) / 2, 6);
    const kept = signals.filter(({ type }) => type === 'step.completed').map(({ reports }) => reports['modality-dropout/kept']!);
    expect(kept[0]).toBe(1);
    expect(Math.min(...kept)).toBeLessThan(0.95);
  });

  it('names the plugin where it is at fault', async () => {
    consumer.write('wrong.yaml', EXPERIMENT.replace('from: 0.8', 'from: 2'));
    const { status, output } = await consumer.node(BIN, 'train', 'wrong.yaml');
    expect(status).toBe(2);
    expect(output).toMatch(/wrong\.yaml:7:\d+/);
    expect(output).not.toMatch(/\n\s+at .*\.js:\d+/);
  });

  const resolutions: [string, object][] = [
    ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext' }],
    ...(full ? ([['bundler', { module: 'esnext', moduleResolution: 'bundler' }]] as [string, object][]) : []),
  ];
  it.each(resolutions)('checks types under moduleResolution %s', async (name, options) => {
    const ours = consumer.names.filter((each) => each !== PLUGIN);
    const names = ours.map((each, i) => `import * as package${i} from '${each}';`);
    consumer.write(
      'types.ts',
      `${names.join('\n')}
import { compare, definePiece, train, type ComparisonResults, type RunControls, type Signals } from 'equimodal';
import { map } from 'rxjs';
import { z } from 'zod';
export const all = [${ours.map((_, i) => `package${i}`).join(', ')}];
export const half = definePiece({
  kind: 'alpha-scheduler', id: 'half', description: 'One half.', facts: {}, options: z.object({ value: z.number().default(0.5) }),
  create: ({ value }) => ({ initial: value, update: () => ({ alpha: value }) }),
});
export const results: Promise<ComparisonResults> = compare({ recipes: ['concat'] }, { pieces: [half] });
const attach = (signals: Signals, controls: RunControls): void => {
  signals.on('step.completed').pipe(map(({ total }) => total)).subscribe((total: number) => total > 10 && controls.stop('too much'));
  // @ts-expect-error -- there is no such signal
  signals.on('step.completd');
};
export const accuracy: Promise<number | null | undefined> = train('mine.yaml', { attach }).then(({ metrics }) => metrics?.test.accuracy);
`,
    );
    const config = {
      compilerOptions: {
        ...options,
        target: 'es2022',
        lib: ['es2023'],
        types: ['node'],
        strict: true,
        noEmit: true,
        exactOptionalPropertyTypes: true,
      },
      files: ['types.ts'],
    };
    consumer.write(
      `tsconfig.${name}.json`,
      JSON.stringify({ ...config, compilerOptions: { ...config.compilerOptions, skipLibCheck: true } }),
    );
    const { status, output } = await consumer.node('node_modules/typescript/bin/tsc', '-p', `tsconfig.${name}.json`);
    expect(output).toBe('');
    expect(status).toBe(0);
  });

  it('keeps what is internal closed', async () => {
    consumer.write('deep.js', `await import('@equimodal/core/dist/plugin/host.js');`);
    const { status, output } = await consumer.node('deep.js');
    expect(status).toBe(1);
    expect(output).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  describe("the plugin's pieces pass the conformance kit, by one call", () => {
    const CALL = `import { conformance } from '@equimodal/testing';\nimport plugin from '${PLUGIN}';\n\nconformance(plugin);\n`;

    it('under node --test', async () => {
      consumer.write('lanterns.test.js', CALL);
      const { status, output } = await consumer.node('--test', '--test-reporter=tap', 'lanterns.test.js');
      expect(output).toMatch(/# fail 0/);
      expect(output).toMatch(/method modality-dropout/);
      expect(status).toBe(0);
    });

    it.runIf(full)('under vitest', async () => {
      consumer.write('lanterns.spec.js', CALL);
      const { status, output } = await consumer.node('node_modules/vitest/vitest.mjs', 'run', '--root', '.', 'lanterns.spec.js');
      expect(output).toMatch(/Tests .*passed/);
      expect(status, output).toBe(0);
    });
  });
});

// The path of a plugin's author: docs/guides/write-a-plugin.md shows these commands.
describe('equimodal new', () => {
  it.each(full ? KINDS : (['fusion'] as const))(
    'writes a package of a %s that builds, passes its tests, is listed and trains',
    async (kind) => {
      const id = `my-${kind}`;
      expect(await consumer.node(BIN, 'new', kind, id)).toMatchObject({ status: 0, output: expect.stringContaining('npm test') as string });
      const tested = await consumer.npm(id, 'test');
      expect(tested.output).toMatch(/# pass [1-9]/);
      expect(tested.status, tested.output).toBe(0);
      const listed = await consumer.node(BIN, 'list', kind, '--config', `${id}/experiment.yaml`, '--json');
      const entries = JSON.parse(listed.output) as { id: string; plugin: string }[];
      expect(entries).toContainEqual(expect.objectContaining({ id, plugin: id }));
      const flags = kind === 'engine' ? ['--engine', id] : [];
      const trained = await consumer.node(BIN, 'train', `${id}/experiment.yaml`, ...flags, '--out', `${id}/runs`);
      expect(trained.output).toMatch(/accuracy +0\.\d+ +0\.\d+/);
      expect(trained.status).toBe(0);
    },
  );

  it('writes over nothing', async () => {
    const { status, output } = await consumer.node(BIN, 'new', 'fusion', 'my-fusion');
    expect([status, output]).toEqual([2, expect.stringMatching(/EQM_CLI_USAGE: .*is not empty/)]);
  });
});

describe('the plugin itself', () => {
  it('is its own: nothing of it leaves its folder, and the kit is called once', () => {
    const call = readFileSync(join(WORKSPACE, 'test/third-party/src/index.test.js'), 'utf8');
    expect(call.match(/conformance\(/g)).toHaveLength(1);
  });
});
