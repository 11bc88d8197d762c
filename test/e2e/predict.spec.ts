import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { usableTestEngines } from '@equimodal/engine';
import { afterAll, describe, expect, it } from 'vitest';
import { equimodal, SMALL, workFolder } from './support/cli.js';

const work = workFolder();
const usable = await usableTestEngines();
afterAll(() => work.done());

interface Prediction {
  readonly row: number;
  readonly class: string;
  readonly probabilities: readonly number[];
  readonly label?: string;
}

describe('equimodal export and predict', () => {
  it('predict in fresh processes what training scored, from the run and from its export', async () => {
    work.write('small.yaml', SMALL);
    const trained = await equimodal(['train', 'small.yaml', '--recipes', 'concat', '--json'], work.dir);
    const [{ dir, metrics }] = JSON.parse(trained.stdout) as [{ dir: string; metrics: { test: { accuracy: number } } }];
    expect((await equimodal(['export', dir, 'model'], work.dir)).stdout).toContain('model.safetensors');

    const outputs: Prediction[][] = [];
    for (const from of [dir, 'model']) {
      const { stdout, stderr } = await equimodal(['predict', from, '--json'], work.dir);
      expect(stderr).not.toContain('EQM_');
      const { predictions } = JSON.parse(stdout) as { predictions: Prediction[] };
      const right = predictions.filter(({ label, class: said }) => label === said).length;
      expect(right / predictions.length).toBeCloseTo(metrics.test.accuracy, 6);
      outputs.push(predictions);
    }
    expect(outputs[0]).toEqual(outputs[1]);
  });

  it('takes samples from a file, and says what is wrong with them', async () => {
    const zeros = (shape: readonly number[]): unknown =>
      shape.length === 0 ? 0 : Array.from({ length: shape[0]! }, () => zeros(shape.slice(1)));
    const model = JSON.parse(readFileSync(join(work.dir, 'model', 'model.json'), 'utf8')) as {
      modalities: { name: string; shape: number[] }[];
    };
    const samples = Object.fromEntries(model.modalities.map(({ name, shape }) => [name, zeros([2, ...shape])]));
    writeFileSync(join(work.dir, 'samples.json'), JSON.stringify(samples));
    const { stdout, status } = await equimodal(['predict', 'model', '--input', 'samples.json'], work.dir);
    expect(stdout.trim().split('\n')).toHaveLength(3);
    expect(status).toBe(0);

    writeFileSync(join(work.dir, 'wrong.json'), JSON.stringify({ ...samples, [model.modalities[0]!.name]: [1, 2] }));
    const wrong = await equimodal(['predict', 'model', '--input', 'wrong.json'], work.dir);
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/EQM_DATA_MALFORMED: .*expected samples of/)]);
    const none = await equimodal(['predict', '.'], work.dir);
    expect([none.status, none.stderr]).toEqual([2, expect.stringMatching(/EQM_RUN_MISSING/)]);
  });

  it.skipIf(!usable.includes('native'))('write a graph model that plain TensorFlow.js runs on its own', async () => {
    const dir = join('runs', 'small', 'concat', 'seed-0');
    const exported = await equimodal(['export', dir, 'graph', '--graph-model', '--json'], work.dir);
    expect(exported.status).toBe(0);
    const { graphModel } = JSON.parse(exported.stdout) as { graphModel: { batch: number; largestDifference: number } };
    expect(graphModel).toMatchObject({ batch: -1 });
    expect(graphModel.largestDifference).toBeLessThan(1e-4);

    // A program of a user who has TensorFlow.js alone, on its JavaScript backend.
    const program = `
      import { readFileSync } from 'node:fs';
      import * as tf from ${JSON.stringify(import.meta.resolve('@tensorflow/tfjs'))};
      await tf.setBackend('cpu');
      const read = (name) => readFileSync('graph/graph-model/' + name);
      const { buffer, byteOffset, byteLength } = read('weights.bin');
      const json = JSON.parse(read('model.json').toString());
      const model = await tf.loadGraphModel(tf.io.fromMemory({
        ...json, weightSpecs: json.weightsManifest[0].weights, weightData: buffer.slice(byteOffset, byteOffset + byteLength),
      }));
      const samples = JSON.parse(readFileSync('samples.json', 'utf8'));
      const inputs = Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, tf.tensor(values)]));
      console.log(JSON.stringify(model.execute(inputs, 'probabilities').arraySync()));
    `;
    work.write('plain.mjs', program);
    const probabilities = JSON.parse(execFileSync(process.execPath, ['plain.mjs'], { cwd: work.dir, encoding: 'utf8' })) as number[][];
    const { stdout } = await equimodal(['predict', dir, '--input', 'samples.json', '--json'], work.dir);
    const { predictions } = JSON.parse(stdout) as { predictions: Prediction[] };
    expect(probabilities).toHaveLength(predictions.length);
    for (const [row, own] of probabilities.entries()) {
      for (const [c, value] of own.entries()) expect(value).toBeCloseTo(predictions[row]!.probabilities[c]!, 5);
    }
  });
});
