import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { equimodal, workFolder } from './support/cli.js';

const work = workFolder();
afterAll(() => work.done());
const WEIGHTS = fileURLToPath(new URL('../training/fixtures/resnet18.safetensors', import.meta.url));
const file = work.write(
  'frozen.yaml',
  `dataset: { use: synthetic-av, train: 40, validation: 20, test: 20 }
encoders:
  image: { use: frozen, encoder: { use: resnet18, width: 2, pretrained: resnet18.safetensors } }
  audio: { use: mlp, hidden: [4], learningRate: 0.5 }
training: { epochs: 1, batchSize: 20 }
recipes: [concat]
`,
);
// Its own cache: the features of other runs, and a linked engine, are elsewhere.
const env = { EQUIMODAL_CACHE: join(work.dir, 'cache'), EQUIMODAL_ENGINE: 'wasm' };
const run = (...args: string[]) => equimodal(args, work.dir, env);
const manifest = () =>
  JSON.parse(readFileSync(join(work.dir, 'runs', 'frozen', 'concat', 'seed-0', 'run.json'), 'utf8')) as Record<string, unknown>;

describe('pretrained weights and a frozen encoder on the command line', () => {
  it('says where it looked for a weight file, before any data are read', async () => {
    const missing = await run('train', file, '--data-root', join(work.dir, 'data'));
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain('EQM_WEIGHTS_MISSING');
    expect(missing.stderr).toContain(join(work.dir, 'data', 'resnet18.safetensors'));
  });

  it('finds it in the data root, records it, keeps the features, and evaluates the run again', async () => {
    mkdirSync(join(work.dir, 'data'));
    copyFileSync(WEIGHTS, join(work.dir, 'data', 'resnet18.safetensors'));
    const trained = await run('train', file, '--data-root', join(work.dir, 'data'));
    expect(trained.stderr).not.toContain('EQM_');
    expect(trained.status).toBe(0);
    expect(manifest()).toMatchObject({
      pretrained: [{ modality: 'image', file: 'resnet18.safetensors', loaded: 100, fresh: { count: 0 }, unused: { count: 22 } }],
      frozen: [{ modality: 'image', encoder: 'frozen', features: 'computed', samples: 80 }],
    });
    const folder = join(work.dir, 'runs', 'frozen', 'concat', 'seed-0');
    expect((await run('evaluate', folder, '--data-root', join(work.dir, 'data'))).status).toBe(0);
    const { cleared } = JSON.parse((await run('cache', 'clear', 'features', '--json')).stdout) as {
      cleared: [{ folder: string; files: number; bytes: number }];
    };
    const [cache] = cleared;
    expect(cache.files).toBe(1);
    expect(cache.bytes).toBeGreaterThan(80 * 16 * 4);
    expect(existsSync(cache.folder)).toBe(false);
  });

  it('predicts from the run, and from an export that needs the weight file no more', async () => {
    const folder = join(work.dir, 'runs', 'frozen', 'concat', 'seed-0');
    const data = join(work.dir, 'data');
    const metrics = JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8')) as { test: { accuracy: number } };
    expect((await run('export', folder, 'model', '--data-root', data)).stdout).toContain('model.safetensors');
    const said = async (...args: string[]) => {
      const { stdout } = await run('predict', ...args, '--json');
      return (JSON.parse(stdout) as { predictions: { class: string; label: string; probabilities: number[] }[] }).predictions;
    };
    const fromRun = await said(folder, '--data-root', data);
    expect(fromRun.filter(({ class: own, label }) => own === label).length / fromRun.length).toBeCloseTo(metrics.test.accuracy, 6);
    expect(await said('model')).toEqual(fromRun);
    const without = await run('predict', folder);
    expect([without.status, without.stderr.includes('EQM_WEIGHTS_MISSING')]).toEqual([2, true]);
  });

  it('does not resume with other weights under the same name', async () => {
    const reused = await run('train', file, '--data-root', join(work.dir, 'data'), '--resume');
    expect(reused.status).toBe(0);
    const bytes = readFileSync(WEIGHTS);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(join(work.dir, 'data', 'resnet18.safetensors'), bytes);
    const refused = await run('train', file, '--data-root', join(work.dir, 'data'), '--resume');
    expect([refused.status, refused.stderr.includes('EQM_RUN_EXISTS')]).toEqual([2, true]);
  });
});
