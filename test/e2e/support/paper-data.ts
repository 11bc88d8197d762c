import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { RandomStream, type Host, type ModalitySpec, type Tree, type WeightName } from '@equimodal/core';
import { writeWeights, type Weight } from '@equimodal/weights';
import sharp from 'sharp';

type Colour = readonly [number, number, number];

/** Writes miniatures of the data of the paper's experiments in their layouts, below a folder. */
export class PaperData {
  constructor(readonly root: string) {}

  /** Every dataset, and the vocabularies and weights that go with them. */
  async write(host: Host): Promise<void> {
    await this.#cremaD();
    await this.#kineticsSounds();
    await this.#vggSound();
    await this.#sarcasm();
    await this.#twitter();
    await this.#nvGesture();
    this.#vocabularies();
    this.#weights(host);
  }

  #put(path: string, content: string | Uint8Array): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  async #jpegs(paths: readonly string[], [r, g, b]: Colour): Promise<void> {
    const image = await sharp({ create: { width: 24, height: 20, channels: 3, background: { r, g, b } } })
      .jpeg()
      .toBuffer();
    for (const path of paths) this.#put(path, image);
  }

  /** A quarter of a second of a sine at 16 kHz, 16 bits. */
  #sound(path: string, hertz: number): void {
    const samples = Int16Array.from({ length: 4000 }, (_, i) => 9000 * Math.sin((2 * Math.PI * hertz * i) / 16_000));
    const bytes = Buffer.alloc(44 + samples.byteLength);
    bytes.write('RIFF', 0);
    bytes.writeUInt32LE(36 + samples.byteLength, 4);
    bytes.write('WAVEfmt ', 8);
    [16, 0x0001_0001, 16_000, 32_000, 0x0010_0002].forEach((word, i) => bytes.writeUInt32LE(word, 16 + 4 * i));
    bytes.write('data', 36);
    bytes.writeUInt32LE(samples.byteLength, 40);
    bytes.set(new Uint8Array(samples.buffer), 44);
    this.#put(path, bytes);
  }

  /** Six emotions of ten speakers. */
  async #cremaD(): Promise<void> {
    const lists: Record<string, string> = { train: '', test: '' };
    for (const actor of Array.from({ length: 10 }, (_, i) => 1001 + i)) {
      for (const [i, emotion] of ['NEU', 'HAP', 'SAD', 'FEA', 'DIS', 'ANG'].entries()) {
        const clip = `${actor}_IEO_${emotion}_XX`;
        this.#sound(`CREMAD/AudioWAV/${clip}.wav`, 150 * (i + 1));
        const frames = ['00000', '00029', '00058'].map((frame) => `CREMAD/Image-01-FPS/${clip}/${frame}.jpg`);
        await this.#jpegs(frames, [50 * i, 255 - 50 * i, 10 * (actor - 1000)]);
        lists[actor === 1010 ? 'test' : 'train'] += `${clip},${emotion}\r\n`;
      }
    }
    for (const [name, text] of Object.entries(lists)) this.#put(`CREMAD/annotations/${name}.csv`, text);
  }

  async #kineticsSounds(): Promise<void> {
    for (const [split, count] of [
      ['train', 24],
      ['test', 6],
    ] as const) {
      let list = '';
      for (let i = 0; i < count; i++) {
        const name = `${split}${String(i).padStart(6, 'x')}_000058_000068`.slice(-25);
        const label = [4, 13, 27][i % 3]!;
        this.#sound(`kinetics_sound/${split}_wav/${name}.wav`, 150 * (1 + (i % 3)));
        const frames = [1, 2, 3, 4].map((frame) => `kinetics_sound/${split}_img/Image-01-FPS/${name}/frame_0000${frame}.jpg`);
        await this.#jpegs(frames, [80 * (i % 3), 100, 50]);
        list += `${name},10,${label}\r\n`;
      }
      this.#put(`kinetics_sound/my_${split}.txt`, list);
    }
  }

  async #vggSound(): Promise<void> {
    let list = '';
    for (let i = 0; i < 30; i++) {
      const split = i < 24 ? 'train' : 'test';
      const id = `clip${String(i).padStart(7, '0')}`;
      this.#sound(`VGGSound/${split}-audios/${split}-set/${id}_1.wav`, 150 * (1 + (i % 3)));
      const frames = [0, 1, 2, 3].map((frame) => `VGGSound/${split}-videos/${split}-set-img/Image-01-FPS/${id}_1.mp4/0000${frame}.jpg`);
      await this.#jpegs(frames, [80 * (i % 3), 100, 50]);
      list += `${id},1,${['people marching', 'dog barking', 'rain'][i % 3]!},${split}\n`;
    }
    this.#put('VGGSound/vggsound.csv', list);
  }

  async #sarcasm(): Promise<void> {
    const line = (id: number): string => `['${id}', '${id % 2 === 0 ? 'what a day' : 'so much rain'}', ${id % 2}`;
    const lines = (from: number, count: number, more = ''): string =>
      Array.from({ length: count }, (_, i) => `${line(from + i)}${more.replace('L', String((from + i) % 2))}]\r\n`).join('');
    this.#put('sarcasm/text/train.txt', lines(100, 16));
    this.#put('sarcasm/text/valid2.txt', lines(200, 8, ', L'));
    this.#put('sarcasm/text/test2.txt', lines(300, 8, ', L'));
    for (const [from, count] of [
      [100, 16],
      [200, 8],
      [300, 8],
    ] as const) {
      for (let id = from; id < from + count; id++) await this.#jpegs([`sarcasm/images/${id}.jpg`], [200 * (id % 2), 100, 100]);
    }
  }

  async #twitter(): Promise<void> {
    const header = 'index\t#1 Label\t#2 ImageID\t#3 String\t#3 String\n';
    const rows = (from: number, count: number): string =>
      Array.from(
        { length: count },
        (_, i) => `${i}\t${(from + i) % 3}\t${from + i}.jpg\t$T$ ${['rain', 'is', 'a day'][(from + i) % 3]!}\tParis\n`,
      ).join('');
    for (const [name, from, count] of [
      ['train', 0, 24],
      ['dev', 30, 9],
      ['test', 60, 9],
    ] as const) {
      this.#put(`twitter2015/${name}.tsv`, header + rows(from, count));
      for (let i = from; i < from + count; i++) await this.#jpegs([`twitter2015/twitter2015_images/${i}.jpg`], [80 * (i % 3), 100, 100]);
    }
  }

  async #nvGesture(): Promise<void> {
    const lists: Record<string, string> = { train: '', test: '' };
    for (let i = 0; i < 21; i++) {
      const split = i < 18 ? 'train' : 'test';
      const label = 1 + (i % 3);
      const clip = `class_0${label}/subject${i}_r0`;
      for (const sensor of ['color', 'depth']) {
        const names = [1, 2, 3, 4, 5, 6, 7].map((frame) => `nvgesture/Video_data/${clip}/sk_${sensor}_all/0000${frame}.jpg`);
        await this.#jpegs(names, [80 * label, 128, 0]);
      }
      lists[split] += `path:./Video_data/${clip} depth:sk_depth:2:7 color:sk_color:2:7 duo_left:duo_left:161:254 label:${label}  \n`;
    }
    for (const [split, text] of Object.entries(lists)) this.#put(`nvgesture/nvgesture_${split}_correct_v2.lst`, text);
  }

  #vocabularies(): void {
    const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'what', 'a', 'day', 'so', 'much', 'rain', 'is', '$', 't', 'paris'];
    this.#put('bert-base-uncased/vocab.txt', words.join('\n'));
    const letters = [...'abcdefghijklmnopqrstuvwxyz$'];
    const pieces = [...letters, ...letters.map((letter) => `${letter}</w>`), '<|startoftext|>', '<|endoftext|>'];
    this.#put('clip-vit-base-patch32/vocab.json', JSON.stringify(Object.fromEntries(pieces.map((piece, id) => [piece, id]))));
    this.#put('clip-vit-base-patch32/merges.txt', '#version: 0.2\n');
  }

  /** Files of weights with published names, drawn at random. */
  #weights(host: Host): void {
    const towers = ['clip-text', 'clip-image'] as const;
    this.#file('bert-base-uncased/model.safetensors', [this.#drawn(host, 'bert')]);
    this.#file('resnet50.safetensors', [this.#drawn(host, 'resnet50')]);
    this.#file(
      'clip-vit-base-patch32/model.safetensors',
      towers.map((use) => this.#drawn(host, use)),
    );
  }

  #drawn(host: Host, use: keyof typeof SMALL): Record<string, Weight> {
    const modality = use === 'bert' || use === 'clip-text' ? TEXT : IMAGE;
    const encoder = host.create(
      'encoder',
      { use, options: host.piece('encoder', use).options.parse(SMALL[use]) as Readonly<Record<string, unknown>> },
      { modality },
    );
    const { params, state } = encoder.init(new RandomStream(3, use));
    const tree: Tree = { ...params, ...state };
    return Object.fromEntries(encoder.names!.map(({ path, tensor, layout }) => [tensor, published(tree[path]!, layout)]));
  }

  #file(path: string, parts: readonly Readonly<Record<string, Weight>>[]): void {
    this.#put(path, '');
    writeWeights(join(this.root, path), Object.assign({}, ...parts) as Record<string, Weight>, {});
  }
}

const TEXT: ModalitySpec = { name: 'text', kind: 'tokens', shape: [8] };
const IMAGE: ModalitySpec = { name: 'image', kind: 'image', shape: [32, 32, 3] };

/** Options that make the encoders of the paper small. */
export const SMALL = {
  resnet18: { width: 2 },
  resnet50: { width: 1 },
  i3d: { width: 1 / 64 },
  bert: { width: 8, depth: 1, heads: 2, feedForward: 12, vocabulary: 14, positions: 8 },
  'clip-text': { width: 8, depth: 1, heads: 2, feedForward: 12, vocabulary: 56, positions: 8, projection: 6 },
  'clip-image': { width: 8, depth: 1, heads: 2, feedForward: 12, patch: 8, projection: 6 },
} as const;

/** How PyTorch lays a variable out. */
function published(leaf: tf.Tensor, layout: WeightName['layout']): Weight {
  const order = { 'as-is': undefined, linear: [1, 0], conv2d: [3, 2, 0, 1], conv3d: [4, 3, 0, 1, 2] }[layout];
  const values = order === undefined ? leaf : tf.transpose(leaf, order);
  return { shape: values.shape, values: values.dataSync() as Float32Array };
}
