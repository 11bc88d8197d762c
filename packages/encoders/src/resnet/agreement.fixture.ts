import type { AnyPiece } from '@equimodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { absoluteSum, expectClose, filled, make, pass, sequence, start, type Stored } from '../input/parity.fixture.js';

interface Step {
  readonly features: Stored;
  readonly stageSums?: readonly number[];
  readonly stageShapes?: readonly number[][];
  readonly gradients?: Readonly<Record<string, Stored>>;
  readonly gradientSums?: Readonly<Record<string, number>>;
}

interface Case {
  readonly steps: readonly Step[];
  readonly state: Readonly<Record<string, Stored>>;
  readonly evaluation: Stored;
}

/**
 * Two training steps and an evaluation against PyTorch: features, stage maps, gradients, running statistics.
 * The parameters whose paths end in `damped` are an eighth of the usual, on both sides.
 */
function expectAgreement(piece: AnyPiece, options: object, size: number, expected: Case, damped?: string): void {
  const encoder = make(piece, options, 'image', [size, size, 1]);
  const variables = start(encoder);
  const params = Object.fromEntries(
    Object.entries(filled(variables.params)).map(([path, leaf]) => [
      path,
      damped !== undefined && path.endsWith(damped) ? tf.mul(leaf, 1 / 8) : leaf,
    ]),
  );
  const [first, second] = expected.steps;
  const weights = sequence('weights 0', first!.features.shape);
  const one = pass(encoder, { params, state: variables.state }, sequence('step 0', [2, size, size, 1]), { weights });
  expectClose(one.features, first!.features, 5e-5, 'features');
  expect(one.stageShapes).toEqual(first!.stageShapes);
  for (const [i, sum] of first!.stageSums!.entries()) expect(Math.abs(one.stageSums[i]! / sum - 1), `stage ${i}`).toBeLessThan(1e-4);
  for (const [path, gradient] of Object.entries(first!.gradients!))
    expectClose(one.gradients[path]!, gradient, 2e-4, `the gradient of ${path}`);
  expect(Object.keys(params).sort()).toEqual(Object.keys(first!.gradientSums!).sort());
  for (const [path, sum] of Object.entries(first!.gradientSums!))
    expect(Math.abs(absoluteSum(one.gradients[path]!) / sum - 1), path).toBeLessThan(5e-4);
  const two = pass(encoder, { params, state: one.state }, sequence('step 1', [2, size, size, 1]));
  expectClose(two.features, second!.features, 5e-5, 'features of the second step');
  for (const [path, statistic] of Object.entries(expected.state)) expectClose(two.state[path]!, statistic, 5e-5, path);
  const evaluated = pass(encoder, { params, state: two.state }, sequence('evaluation', [2, size, size, 1]), { training: false });
  expectClose(evaluated.features, expected.evaluation, 5e-5, 'features in evaluation');
}

/** A video's features are the mean of its frames' and its stage maps [batch, time, height, width, channels]. */
function expectFramesAveraged(piece: AnyPiece, times: number): void {
  const image = make(piece, { width: 2, stem: 'small' }, 'image', [8, 8, 1]);
  const video = make(piece, { width: 2, stem: 'small' }, 'video', [3, 8, 8, 1]);
  const variables = start(video);
  const clips = sequence('clips', [2, 3, 8, 8, 1]);
  const whole = pass(video, variables, clips, { training: false });
  const frames = pass(image, variables, tf.reshape(clips, [6, 8, 8, 1]), { training: false });
  const mean = tf.mean(tf.reshape(frames.features, [2, 3, 2 * times]), 1);
  expectClose(whole.features, { shape: [2, 2 * times], data: [...mean.dataSync()] }, 1e-5, 'features');
  expect(whole.stageShapes).toEqual([8, 4, 2, 1].map((side, i) => [2, 3, side, side, (2 * times * 2 ** i) / 8]));
}

/** The shapes of the defaults on [32, 32, channels], and how many numbers the parameters are. */
export function defaults(piece: AnyPiece, kind: 'image' | 'spectrogram', channels: number) {
  const encoder = make(piece, {}, kind, [32, 32, channels]);
  const { params, state } = start(encoder);
  const shapes = Object.fromEntries(Object.entries(params).map(([path, { shape }]) => [path, shape]));
  const count = Object.values(params).reduce((sum: number, leaf) => sum + leaf.size, 0);
  const statistics = Object.keys(state).length;
  tf.dispose([...Object.values(params), ...Object.values(state)]);
  return { featureSize: encoder.featureSize, shapes, count, statistics };
}

export interface Member {
  readonly fixture: { readonly width: number; readonly imagenet: Case; readonly small: Case };
  /** The features are so many times the width. */
  readonly times: number;
  readonly damped?: string;
}

/** What holds for every member of the family. Call it at the top of a spec. */
export function describeMember(piece: AnyPiece, { fixture, times, damped }: Member): void {
  describe(`${piece.id}, as its family`, () => {
    beforeAll(async () => {
      await startTestEngine();
    });

    it.each([
      ['imagenet', 64, fixture.imagenet],
      ['small', 16, fixture.small],
    ] as const)('agrees with PyTorch over two training steps and an evaluation: %s stem', (stem, size, expected) => {
      expectAgreement(piece, { stem, width: fixture.width }, size, expected, damped);
    });

    it('averages the frames of a video', () => {
      expectFramesAveraged(piece, times);
    });

    it('refuses other kinds and malformed options', () => {
      expect(() => make(piece, {}, 'sequence', [3, 3])).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
      expect(piece.options.safeParse({ stem: 'large' }).success).toBe(false);
      expect(piece.options.safeParse({ depth: 34 }).success).toBe(false);
      expect(piece.options.safeParse({ width: 0 }).success).toBe(false);
    });
  });
}
