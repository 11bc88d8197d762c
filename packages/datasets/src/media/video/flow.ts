import { malformed } from '../../readers/bytes.js';
import { readStoredArray } from '../arrays/arrays.js';
import { defineLoader, type MediaLoader, type MediaSource, type ReadContext } from '../loader.js';
import { partOf } from './video.js';

export type StoredFlowOptions = {
  /** Frames that are taken from the first on; what is missing is zero. */
  readonly take: number;
  /** Pixels of the square part that is taken. */
  readonly crop: number;
  readonly still?: boolean;
};

export const storedFlowShape = ({ take, crop }: StoredFlowOptions): number[] => [take, crop, crop, 2];

/** Optical flow stored as one array [height, width, 2, frames] a clip: values as they are, [take, crop, crop, 2]. */
export const storedFlowLoader = defineLoader<StoredFlowOptions>({
  name: 'storedFlowLoader',
  module: import.meta.url,
  version: 1,
  augments: ({ still }) => still !== true,
  caches: () => false,
  create: (options) => new StoredFlowLoader(options),
});

class StoredFlowLoader implements MediaLoader {
  constructor(private readonly options: StoredFlowOptions) {}

  read({ files }: MediaSource, { random }: ReadContext): Float32Array {
    const file = files[0]!;
    const { take, crop: part, still } = this.options;
    const { shape, data } = readStoredArray(file);
    const [height = 0, width = 0, channels, frames = 0] = shape;
    if (shape.length !== 4 || channels !== 2 || height !== width || height < part)
      throw malformed(file, '', `expected flow of shape [${part} or more, as many, 2, frames], found [${shape.join(', ')}]`);
    const { top, left } = partOf(height, part, still === true ? undefined : random);
    const out = new Float32Array(take * part * part * 2);
    for (let y = 0; y < part; y++) {
      for (let x = 0; x < part; x++) {
        for (let c = 0; c < 2; c++) {
          const from = (((top + y) * width + left + x) * 2 + c) * frames;
          for (let t = 0; t < Math.min(take, frames); t++) out[((t * part + y) * part + x) * 2 + c] = data[from + t]!;
        }
      }
    }
    const broken = out.findIndex((value) => !Number.isFinite(value));
    if (broken >= 0) throw malformed(file, '', `a value is ${out[broken]!}`);
    return out;
  }
}
