import { IMAGENET, flip, normalise, type Image } from '../front-ends/image/image.js';
import { resize } from '../front-ends/image/resize.js';
import { defineLoader, type MediaSource } from '../media/loader.js';
import { malformed } from '../readers/bytes.js';
import { readTorch } from '../readers/torch.js';

/** Which of the views of an object. */
export interface ViewSource extends MediaSource {
  readonly view: number;
}

/** One view of an object whose views stand in one array [views, height, width, 3] of bytes that `torch.save` wrote. */
export const viewLoader = defineLoader<{ readonly size: number; readonly flip: boolean }, ViewSource>({
  name: 'viewLoader',
  module: import.meta.url,
  version: 1,
  augments: (options) => options.flip,
  caches: () => false,
  create: (options) => ({
    read({ files, view }, { random }) {
      const file = files[0]!;
      const { shape, data } = readTorch(file);
      const [views = 0, height = 0, width = 0, channels = 0] = shape;
      if (shape.length !== 4 || channels !== 3 || !(data instanceof Uint8Array) || height < 1 || width < 1)
        throw malformed(file, '', `expected bytes [views, height, width, 3], the shape is [${shape.join(', ')}]`);
      if (view >= views) throw malformed(file, '', `view ${view} of an object that has ${views} (counted from 0)`);
      const length = height * width * 3;
      const image: Image<Uint8Array> = { width, height, channels, data: data.subarray(view * length, (view + 1) * length) };
      const sized =
        height === options.size && width === options.size ? image : resize(image, { width: options.size, height: options.size });
      return normalise(options.flip && random !== undefined && random.uniform() < 0.5 ? flip(sized) : sized, IMAGENET);
    },
  }),
});
