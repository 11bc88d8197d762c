import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { builtInHost } from '@equimodal/cli';
import { ConfigSource, datasetChosen, RandomStream, resolveExperiment, type Engine } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { train, type RunResult } from '@equimodal/training';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'equimodal-clips-'));
let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
  await writeCremaD();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** A quarter of a second of a sine at 16 kHz, 16 bits. */
function sound(hertz: number): Uint8Array {
  const samples = Int16Array.from({ length: 4000 }, (_, i) => 9000 * Math.sin((2 * Math.PI * hertz * i) / 16_000));
  const bytes = Buffer.alloc(44 + samples.byteLength);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + samples.byteLength, 4);
  bytes.write('WAVEfmt ', 8);
  [16, 0x0001_0001, 16_000, 32_000, 0x0010_0002].forEach((word, i) => bytes.writeUInt32LE(word, 16 + 4 * i));
  bytes.write('data', 36);
  bytes.writeUInt32LE(samples.byteLength, 40);
  bytes.set(new Uint8Array(samples.buffer), 44);
  return bytes;
}

/** Six emotions of six speakers, one of them in test; pitch and colour tell the emotion. */
async function writeCremaD(): Promise<void> {
  const lists: Record<string, string> = { train: '\ufeff', test: '' };
  for (const actor of [1001, 1002, 1003, 1004, 1005, 1006]) {
    for (const [i, emotion] of ['NEU', 'HAP', 'SAD', 'FEA', 'DIS', 'ANG'].entries()) {
      const clip = `${actor}_IEO_${emotion}_XX`;
      const background = { r: 50 * i, g: 255 - 50 * i, b: 10 * (actor - 1000) };
      const image = await sharp({ create: { width: 24, height: 20, channels: 3, background } })
        .jpeg()
        .toBuffer();
      put(`CREMAD/AudioWAV/${clip}.wav`, sound(150 * (i + 1)));
      for (const frame of ['00000', '00029']) put(`CREMAD/Image-01-FPS/${clip}/${frame}.jpg`, image);
      lists[actor === 1006 ? 'test' : 'train'] += `${clip},${emotion}\r\n`;
    }
  }
  for (const [name, text] of Object.entries(lists)) put(`CREMAD/annotations/${name}.csv`, text);
}

/** Total losses of the steps of one epoch, the dataset configured as a user does. */
async function trainOnce(workers: number): Promise<{ totals: number[]; result: RunResult }> {
  const host = builtInHost();
  const source = ConfigSource.of({
    dataset: { use: 'crema-d', workers, visual: { size: 16 }, audio: { clip: 'tile-0.25s', nFft: 64, hop: 128, rate: 16_000 } },
    encoders: { default: { use: 'mlp', hidden: [12], features: 6 } },
    observers: [],
    training: { epochs: 1, batchSize: 6, validationFraction: 0.2 },
    recipes: [{ as: 'row', fusion: 'concat' }],
  });
  const { dataset, recipes, metrics } = await resolveExperiment(host, source);
  const context = { dataRoot: root, requireDataRoot: () => root, baseDir: root, random: new RandomStream(0, 'dataset/crema-d') };
  const totals: number[] = [];
  const result = await train({
    ...{ host, engine, metrics, recipe: recipes[0]!, experiment: 'clips', seed: 1, observers: [] },
    dataset: await host.create('dataset', datasetChosen(dataset), context).load(),
    attach: (bus) => bus.all$.subscribe((signal) => signal.type === 'step.completed' && totals.push(signal.total)),
  });
  return { totals, result };
}

it('a network trains on the folder of crema-d, and threads change nothing', async () => {
  const { totals, result } = await trainOnce(2);
  expect(result.status).toBe('completed');
  expect(result.sizes).toMatchObject({ train: 24, validation: 6, test: 6 });
  expect(totals).toHaveLength(4);
  expect(totals.every((total) => Number.isFinite(total))).toBe(true);
  expect((await trainOnce(0)).totals).toEqual(totals);
});
