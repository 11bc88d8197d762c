import { z } from 'zod';
import type { Host } from '../plugin/host.js';
import { nestedChoices } from './nested.js';
import type { UseSpec } from './use.js';

const pretrained = z.strictObject({
  file: z.string().min(1).describe('a safetensors file; relative to the experiment file, else to the data root'),
  prefix: z.string().default('').describe('stands before every name in the file'),
  skip: z.array(z.string().min(1)).default([]).describe('paths (or globs, or prefixes) of variables that stay freshly initialised'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 hexadecimal digits')
    .optional()
    .describe('refuse a file with another checksum; a run records the one it used'),
});

const learningRate = z.strictObject({
  scale: z.number().min(0).default(1).describe('factor on the learning rate of the encoder; 0 leaves its parameters as they are'),
  layerDecay: z.number().positive().max(1).optional().describe('each layer has this factor of the one above it'),
});

/** Options that every encoder takes: the host sees to them. */
export const commonEncoderOptions = { pretrained: pretrained.optional(), learningRate: learningRate.optional() } as const;

/** Published weights that an encoder starts from. */
export type Pretrained = z.output<typeof pretrained>;
/** Learning rate of an encoder, relative to the run's. */
export type EncoderRate = z.output<typeof learningRate>;

/** A chosen encoder, with what the host does for it. */
export interface EncoderChoice extends UseSpec {
  readonly pretrained?: Pretrained;
  readonly learningRate?: EncoderRate;
}

/** `pretrained: file` and `learningRate: 0.1` written out. */
export function writtenOut(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { pretrained: weights, learningRate: rate } = given;
  return {
    ...given,
    ...(typeof weights === 'string' ? { pretrained: { file: weights } } : {}),
    ...(typeof rate === 'number' ? { learningRate: { scale: rate } } : {}),
  };
}

/** A chosen encoder in the form its factory takes: without what the host sees to. */
export function encoderChosen(spec: EncoderChoice): { use: string; options: Record<string, unknown> } {
  const { use, pretrained: _weights, learningRate: _rate, ...options } = spec;
  return { use, options };
}

/** A chosen encoder and the encoders that it wraps, from outside to inside. */
export function encoderChain(host: Host, spec: EncoderChoice): EncoderChoice[] {
  const inside = nestedChoices(host, 'encoder', spec).filter(({ kind }) => kind === 'encoder');
  return [spec, ...inside.flatMap((one) => encoderChain(host, one.spec))];
}
