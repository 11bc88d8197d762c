import { validRange, type Geometry } from './geometry.js';

/**
 * Unfolds images into patches: out[(kh, kw, channel), (image, row, column)] for the images
 * [first, first + count). The long axis runs over positions, as the filter gradient's product needs it.
 */
export function unfold(x: Float32Array, g: Geometry, first: number, count: number, out: Float32Array): void {
  const positions = count * g.outHeight * g.outWidth;
  const { inChannels: channels, outWidth } = g;
  for (let kh = 0, patch = 0; kh < g.filterHeight; kh++) {
    for (let kw = 0; kw < g.filterWidth; kw++, patch += channels) {
      const column = kw * g.dilationWidth - g.left;
      const [from, to] = validRange(column, g.strideWidth, g.inWidth, outWidth);
      const step = g.strideWidth * channels;
      for (let image = 0, position = 0; image < count; image++) {
        for (let row = 0; row < g.outHeight; row++, position += outWidth) {
          const inRow = row * g.strideHeight + kh * g.dilationHeight - g.top;
          const inside = inRow >= 0 && inRow < g.inHeight;
          const source = (((first + image) * g.inHeight + inRow) * g.inWidth + column) * channels;
          for (let c = 0; c < channels; c++) {
            const at = (patch + c) * positions + position;
            if (!inside) {
              out.fill(0, at, at + outWidth);
              continue;
            }
            for (let i = 0; i < from; i++) out[at + i] = 0;
            for (let i = from, read = source + from * step + c; i < to; i++, read += step) out[at + i] = x[read]!;
            for (let i = to; i < outWidth; i++) out[at + i] = 0;
          }
        }
      }
    }
  }
}

/**
 * The adjoint of unfolding, for patches laid out [(image, row, column), (kh, kw, channel)]: adds every patch to
 * the place it came from, for the images [first, first + count). `dx` must be zero there before.
 */
export function fold(patches: Float32Array, g: Geometry, first: number, count: number, dx: Float32Array): void {
  const { inChannels: channels, outWidth } = g;
  const patchSize = g.filterHeight * g.filterWidth * channels;
  for (let image = 0, position = 0; image < count; image++) {
    for (let row = 0; row < g.outHeight; row++, position += outWidth) {
      for (let kh = 0, patch = 0; kh < g.filterHeight; kh++) {
        const inRow = row * g.strideHeight + kh * g.dilationHeight - g.top;
        for (let kw = 0; kw < g.filterWidth; kw++, patch += channels) {
          if (inRow < 0 || inRow >= g.inHeight) continue;
          const column = kw * g.dilationWidth - g.left;
          const [from, to] = validRange(column, g.strideWidth, g.inWidth, outWidth);
          const base = (((first + image) * g.inHeight + inRow) * g.inWidth + column) * channels;
          for (let i = from; i < to; i++) {
            const read = (position + i) * patchSize + patch;
            const write = base + i * g.strideWidth * channels;
            for (let c = 0; c < channels; c++) dx[write + c]! += patches[read + c]!;
          }
        }
      }
    }
  }
}
