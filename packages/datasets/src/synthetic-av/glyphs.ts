import type { RandomStream } from '@equimodal/core';

/** Height and width of a rendered digit in pixels. */
export const GLYPH_SIZE = 28;

/** Polylines of the ten digits in the unit square, x to the right, y down: x0, y0, x1, y1, ... */
const STROKES: readonly (readonly (readonly number[])[])[] = [
  [ellipse(0.5, 0.5, 0.28, 0.42)],
  [[0.34, 0.26, 0.54, 0.08, 0.54, 0.92]],
  [[0.22, 0.3, 0.3, 0.14, 0.5, 0.08, 0.7, 0.16, 0.76, 0.32, 0.66, 0.5, 0.22, 0.92, 0.8, 0.92]],
  [[0.25, 0.14, 0.5, 0.08, 0.72, 0.18, 0.7, 0.38, 0.46, 0.47, 0.72, 0.58, 0.78, 0.76, 0.55, 0.92, 0.24, 0.85]],
  [[0.64, 0.92, 0.64, 0.08, 0.2, 0.66, 0.84, 0.66]],
  [[0.74, 0.09, 0.3, 0.09, 0.27, 0.46, 0.5, 0.4, 0.72, 0.5, 0.76, 0.72, 0.55, 0.91, 0.24, 0.84]],
  [[0.68, 0.09, 0.42, 0.26, 0.28, 0.52, 0.28, 0.76, 0.5, 0.92, 0.72, 0.78, 0.7, 0.58, 0.5, 0.5, 0.3, 0.62]],
  [[0.2, 0.09, 0.8, 0.09, 0.42, 0.92]],
  [ellipse(0.5, 0.28, 0.2, 0.2), ellipse(0.5, 0.7, 0.25, 0.22)],
  [[0.32, 0.91, 0.58, 0.74, 0.72, 0.48, 0.72, 0.24, 0.5, 0.08, 0.28, 0.22, 0.3, 0.42, 0.5, 0.5, 0.7, 0.38]],
];

function ellipse(x: number, y: number, rx: number, ry: number): number[] {
  return Array.from({ length: 13 }, (_, i) => (i * Math.PI) / 6).flatMap((angle) => [x + rx * Math.sin(angle), y - ry * Math.cos(angle)]);
}

/**
 * Draws a digit with random size, slant, rotation (up to 15 degrees), shift (up to 3 pixels) and stroke
 * thickness into `out`, [28, 28] from `offset`, values 0 to 1.
 */
export function drawDigit(digit: number, random: RandomStream, out: Float32Array, offset: number): void {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const angle = between(-0.26, 0.26);
  const width = between(13, 19);
  const height = between(16, 21);
  const slant = between(-0.2, 0.2);
  const cx = GLYPH_SIZE / 2 - 0.5 + between(-3, 3);
  const cy = GLYPH_SIZE / 2 - 0.5 + between(-3, 3);
  const radius = between(0.7, 1.7);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (const stroke of STROKES[digit]!) {
    let px = 0;
    let py = 0;
    for (let i = 0; i < stroke.length; i += 2) {
      const v = (stroke[i + 1]! - 0.5) * height;
      const u = (stroke[i]! - 0.5) * width - slant * v;
      const x = cx + cos * u - sin * v;
      const y = cy + sin * u + cos * v;
      if (i > 0) drawSegment(out, offset, px, py, x, y, radius);
      [px, py] = [x, y];
    }
  }
}

/** Raises the pixels near a segment to 1 - (distance - radius), anti-aliased over one pixel. */
function drawSegment(out: Float32Array, offset: number, x0: number, y0: number, x1: number, y1: number, radius: number): void {
  const reach = radius + 1;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(GLYPH_SIZE - 1, Math.ceil(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(GLYPH_SIZE - 1, Math.ceil(Math.max(y0, y1) + reach));
  const [dx, dy] = [x1 - x0, y1 - y0];
  const square = dx * dx + dy * dy || 1;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / square));
      const distance = Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
      const value = Math.min(1, 1 - (distance - radius));
      const at = offset + y * GLYPH_SIZE + x;
      if (value > out[at]!) out[at] = value;
    }
  }
}
