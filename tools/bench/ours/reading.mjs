/** Our side of a workload of reading: batches of a split of files, read by threads. Answers { count } with the mean time of a batch. */
import { join } from 'node:path';
import { RandomStream } from '@equimodal/core';
import { framesLoader, framesShape, MediaReader, MediaSplit, soundLoader, soundShape } from '@equimodal/datasets';
import { WORKLOADS } from '../workloads.mjs';

const [id, threads, folder] = process.argv.slice(2);
const { batch, files, sound, image } = WORKLOADS[id];
const soundOptions = {
  rate: sound.rate,
  clip: { length: sound.samples },
  frontEnd: { kind: 'log-magnitude', nFft: sound.nFft, hop: sound.hop },
};
const imageOptions = { count: 1, height: image.size, width: image.size, augment: { crop: { kind: 'area' }, flip: 0.5 } };
const reader = new MediaReader(
  {
    audio: { loader: soundLoader, options: soundOptions, shape: soundShape(soundOptions) },
    image: { loader: framesLoader, options: imageOptions, shape: framesShape(imageOptions) },
  },
  { cache: null, workers: Number(threads) },
);
const sources = (ending) => Array.from({ length: files.rows }, (_, row) => ({ files: [join(folder, `${row}.${ending}`)] }));
const split = new MediaSplit(reader, new Int32Array(files.rows), { audio: sources('wav'), image: sources('jpg') });

let drawn = 0;
const random = new RandomStream(0, 'bench');
const next = () => {
  const at = (drawn * batch) % files.rows;
  return split.read(
    Int32Array.from({ length: batch }, (_, i) => at + i),
    random.at(drawn++),
  );
};

/** One batch is read ahead, as in a pass. */
let ahead = next();
async function take(count) {
  for (let i = 0; i < count; i++) {
    const current = ahead;
    ahead = next();
    await current;
  }
}
process.on('message', async ({ count }) => {
  // What was read ahead in a break does not count.
  await take(1);
  const started = performance.now();
  await take(count);
  const times = [(performance.now() - started) / count];
  // The other side has the processor to itself.
  await ahead;
  process.send({ times, updates: [], peakMb: Math.round(process.resourceUsage().maxRSS / 1024), parameters: 0 });
});
await ahead;
process.send({ ready: { id: 'none', gpu: false, versions: { tfjs: 'not used', node: process.versions.node } } });
