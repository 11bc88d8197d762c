import type { RandomStream } from '@equimodal/core';

/** Samples per second of the synthesised sound. */
export const SAMPLE_RATE = 8000;
/** Samples of a sound: an eighth of a second. */
export const SAMPLES = 992;

/** Per class, four notes in time as steps of a scale. Classes share their notes; the order tells them apart. */
const MELODIES: readonly (readonly number[])[] = [
  [0, 1, 2, 3],
  [3, 2, 1, 0],
  [0, 2, 1, 3],
  [3, 1, 2, 0],
  [1, 0, 3, 2],
  [2, 3, 0, 1],
  [0, 3, 1, 2],
  [2, 1, 3, 0],
  [1, 3, 0, 2],
  [2, 0, 3, 1],
];
/** Fundamental of each step in Hz. */
const PITCHES = [500, 750, 1062, 1437];
const HARMONICS = 3;

/** Plays the melody of a class into `out` with random transposition, onset, tempo, phases and timbre; about unit amplitude. */
export function playMelody(label: number, random: RandomStream, out: Float64Array): void {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  out.fill(0);
  const transposition = 2 ** between(-1 / 12, 1 / 12);
  const length = Math.floor(between(0.17, 0.22) * SAMPLES);
  const onset = Math.floor(random.uniform() * (SAMPLES - 4 * length));
  const timbre = Array.from({ length: HARMONICS }, (_, h) => (h === 0 ? 1 : between(0, 0.7)));
  MELODIES[label]!.forEach((step, note) => {
    const start = onset + note * length;
    const loudness = between(0.6, 1);
    timbre.forEach((amplitude, h) => {
      const radians = (2 * Math.PI * PITCHES[step]! * transposition * (h + 1)) / SAMPLE_RATE;
      if (radians < Math.PI) addTone(out, start, length, radians, 2 * Math.PI * random.uniform(), amplitude * loudness);
    });
  });
}

/** Adds a sine under half a sine-shaped envelope; both by rotation, without a call per sample. */
function addTone(out: Float64Array, start: number, length: number, radians: number, phase: number, amplitude: number): void {
  const [turnRe, turnIm] = [Math.cos(radians), Math.sin(radians)];
  const [envelopeRe, envelopeIm] = [Math.cos(Math.PI / length), Math.sin(Math.PI / length)];
  let [re, im] = [Math.cos(phase), Math.sin(phase)];
  let [cos, sin] = [1, 0];
  for (let i = 0; i < length; i++) {
    out[start + i]! += amplitude * sin * im;
    const next = re * turnRe - im * turnIm;
    im = re * turnIm + im * turnRe;
    re = next;
    const nextCos = cos * envelopeRe - sin * envelopeIm;
    sin = cos * envelopeIm + sin * envelopeRe;
    cos = nextCos;
  }
}
