import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { equimodal, workFolder } from './support/cli.js';

const work = workFolder();
afterAll(() => work.done());

const CONFIG = `
dataset: { use: synthetic-av, train: 240, validation: 60, test: 40, classes: 4, imageSnr: 6 }
encoders: { image: { use: lenet }, audio: { use: lenet } }
training: { epochs: 2, batchSize: 40, keepEpochs: [0, 1, 2], scoreInitial: true, optimizer: { use: adam, learningRate: 0.003 } }
recipes: [concat, channel]
`;

interface Explained {
  readonly runs: readonly {
    readonly run: string;
    readonly rows: readonly number[];
    readonly labels: readonly number[];
    readonly classes: readonly string[];
    readonly epochs: readonly {
      readonly epochs: number | null;
      readonly predicted: readonly number[];
      readonly probability: readonly number[];
      readonly maps: readonly (readonly number[])[];
      readonly height: number;
      readonly width: number;
    }[];
  }[];
}

describe('parameters that were kept', () => {
  const runs = ['concat', 'channel'].map((recipe) => `runs/small/${recipe}/seed-0`);
  beforeAll(async () => {
    work.write('small.yaml', CONFIG);
    const { status } = await equimodal(['compare', 'small.yaml', '--in-process'], work.dir);
    expect(status).toBe(0);
  });

  it('are scored by `evaluate --epoch`: before the first step as the run itself scored them, after the last as its end', async () => {
    const dir = runs[0]!;
    const figures = async (...flags: string[]): Promise<{ validation: { modalityGap: number; accuracy: number }; epochs: number }> =>
      JSON.parse((await equimodal(['evaluate', dir, '--json', ...flags], work.dir)).stdout) as never;
    const signals = readFileSync(join(work.dir, dir, 'signals.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const signal = <T>(type: string): T[] =>
      signals.map((line) => JSON.parse(line) as T & { type: string }).filter((one) => one.type === type);
    const [initial] = signal<{ validation: object }>('initial.scored');
    const before = await figures('--epoch', '0');
    expect(before.epochs).toBe(0);
    expect(before.validation).toEqual(initial!.validation);
    const ends = signal<{ validation: object }>('epoch.completed');
    expect((await figures('--epoch', '2')).validation).toEqual(ends[1]!.validation);
    expect(before.validation.modalityGap).not.toBeCloseTo((await figures('--epoch', '2')).validation.modalityGap, 2);
  });

  it('are explained, by run and epoch, with what the model predicts', async () => {
    const { stdout, status } = await equimodal(
      ['explain', ...runs, '--modality', 'image', '--epochs', '0,1,selected', '--rows', '5,6,7', '--out', 'maps.png', '--json'],
      work.dir,
    );
    expect(status).toBe(0);
    const explained = (JSON.parse(stdout) as Explained).runs;
    expect(explained.map(({ run }) => run)).toEqual(['concat, seed 0', 'channel, seed 0']);
    for (const [i, { rows, epochs, classes }] of explained.entries()) {
      expect(rows).toEqual([5, 6, 7]);
      expect(epochs.map((one) => one.epochs)).toEqual([0, 1, null]);
      for (const { maps, height, width } of epochs) {
        expect(maps.map((map) => map.length)).toEqual([height * width, height * width, height * width]);
        for (const map of maps) expect([0, 1]).toContain(Math.max(...map));
      }
      const { predictions } = JSON.parse((await equimodal(['predict', runs[i]!, '--json'], work.dir)).stdout) as {
        predictions: { class: string; probabilities: number[] }[];
      };
      expect(epochs[2]!.predicted.map((label) => classes[label])).toEqual([5, 6, 7].map((row) => predictions[row]!.class));
      for (const [n, label] of explained[i]!.labels.entries()) {
        expect(epochs[2]!.probability[n]).toBeCloseTo(predictions[5 + n]!.probabilities[label]!, 4);
      }
    }
    expect([...readFileSync(join(work.dir, 'maps.png')).subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    // Two runs of three samples, an input and three columns each.
    expect(readFileSync(join(work.dir, 'maps.svg'), 'utf8').match(/<image /g)).toHaveLength(24);
  });

  it('and whatever cannot be is refused', async () => {
    const refused = async (args: string[], message: RegExp): Promise<void> => {
      const { status, stderr } = await equimodal(args, work.dir);
      expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
    };
    await refused(
      ['evaluate', runs[0]!, '--epoch', '7'],
      /EQM_RUN_MISSING: the run kept no parameters after 7 epochs[^]*It was to keep 0, 1, 2/,
    );
    await refused(
      ['explain', runs[0]!, '--modality', 'smell', '--out', 'no.png'],
      /EQM_CONFIG_INCOMPATIBLE: the model has no modality "smell"/,
    );
    await refused(['explain', runs[0]!, '--modality', 'image', '--about', 'gull', '--out', 'no.png'], /there is no class "gull"/);
    await refused(
      ['explain', runs[0]!, '--modality', 'image', '--rows', '40', '--out', 'no.png'],
      /EQM_DATA_SPLIT: the split has no row 40/,
    );
    await refused(['explain', runs[0]!, '--modality', 'image', '--out', 'no.jpg'], /ends in \.png/);
    expect(existsSync(join(work.dir, 'no.png'))).toBe(false);
  });
});
