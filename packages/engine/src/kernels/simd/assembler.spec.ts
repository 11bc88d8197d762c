import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import '../../index.js';
import { startTestEngine } from '../../test-engine/test-engine.js';
import { WasmCall } from '../wasm-kernel.js';
import { AssembledFunction, f32x4, f64x2, i32, signed, unsigned } from './assembler.js';
import { backendMemory, instantiate } from './simd.js';

beforeAll(async () => {
  await startTestEngine('wasm');
});

it('writes numbers seven bits a byte, as the examples of the LEB128 format', () => {
  expect(unsigned(624485)).toEqual([0xe5, 0x8e, 0x26]);
  expect(unsigned(0)).toEqual([0]);
  expect(unsigned(128)).toEqual([0x80, 1]);
  expect(signed(-123456)).toEqual([0xc0, 0xbb, 0x78]);
  expect(signed(-1)).toEqual([0x7f]);
  expect(signed(63)).toEqual([0x3f]);
  expect(signed(64)).toEqual([0xc0, 0]);
  expect(signed(-64)).toEqual([0x40]);
});

/** Runs a function on `input` and returns the float32 numbers it wrote. Its parameters: input, output, then the rest. */
function run(f: AssembledFunction, input: readonly number[], size: number, ...rest: number[]): number[] {
  const { memory } = new WasmCall({}, {}, tf.backend());
  const [from, to] = [memory.allocate([input.length], 'float32'), memory.allocate([size], 'float32')];
  memory.float32(from).set(input);
  memory.float32(to).fill(-7);
  instantiate({ f }, backendMemory(tf.backend())).f(memory.address(from), memory.address(to), ...rest);
  const result = [...memory.float32(to)];
  memory.release(from);
  memory.release(to);
  return result;
}

it('runs loops inside loops, whose condition is looked at first', () => {
  // Copies the number `outer` times `inner` times, one after the other.
  const f = new AssembledFunction(4);
  const [from, to, outer, inner] = f.parameters;
  const [i, j] = [f.local('i32', i32.constant(0)), f.local('i32')];
  f.while(i32.less(i, outer!), () => {
    f.set(j, i32.constant(0));
    f.while(i32.less(j, inner!), () => {
      f.store(to!, i32.load(from!));
      f.advance(to!, 4);
      f.advance(j, 1);
    });
    f.advance(i, 1);
  });
  expect(run(f, [5], 8, 2, 3)).toEqual([5, 5, 5, 5, 5, 5, -7, -7]);
  expect(run(f, [5], 2, 2, 0)).toEqual([-7, -7]);
  expect(run(f, [5], 2, 0, 3)).toEqual([-7, -7]);
});

it('branches, with and without an alternative', () => {
  const f = new AssembledFunction(3);
  const [from, to, flag] = f.parameters;
  f.when(
    i32.equal(flag!, i32.constant(300)),
    () => f.store(to!, f32x4.load(from!)),
    () => f.store(to!, f32x4.load(from!, 16)),
  );
  f.when(flag!, () => f.store(to!, i32.load(from!), 16));
  const input = [1, 2, 3, 4, 5, 6, 7, 8];
  expect(run(f, input, 5, 300)).toEqual([1, 2, 3, 4, 1]);
  expect(run(f, input, 5, 299)).toEqual([5, 6, 7, 8, 1]);
  expect(run(f, input, 5, 0)).toEqual([5, 6, 7, 8, -7]);
});

it('computes with vectors of float32', () => {
  const operations: [(a: number, b: number) => number, typeof f32x4.add][] = [
    [(a, b) => a + b, f32x4.add],
    [(a, b) => a - b, f32x4.sub],
    [(a, b) => a * b, f32x4.mul],
    [(a, b) => a / b, f32x4.div],
  ];
  const [a, b] = [
    [1.5, -2, 8, 0.25],
    [4, 0.5, -2, 16],
  ];
  for (const [expected, operation] of operations) {
    const f = new AssembledFunction(2);
    f.store(f.parameters[1]!, operation(f32x4.load(f.parameters[0]!), f32x4.load(f.parameters[0]!, 16)));
    expect(run(f, [...a, ...b], 4)).toEqual(a.map((value, i) => expected(value, b[i]!)));
  }
  const f = new AssembledFunction(2);
  const [from, to] = f.parameters;
  f.store(to!, f32x4.and(f32x4.loadSplat(from!, 4), f32x4.greater(f32x4.load(from!), f32x4.zero)));
  expect(run(f, a, 4)).toEqual([-2, 0, -2, -2]);
});

it('computes in double precision from float32', () => {
  const f = new AssembledFunction(2);
  const [from, to] = f.parameters;
  const sum = f.local('v128', f64x2.loadWidened(from!));
  f.set(sum, f64x2.add(sum, f64x2.mul(f64x2.loadWidened(from!, 8), f64x2.loadWidened(from!, 8))));
  f.set(sum, f64x2.sub(sum, f64x2.loadWidened(from!, 16)));
  f.store(to!, sum);
  // 2^24 + 1 - 2^24 is lost in single precision.
  const bits = run(f, [2 ** 24, 3, 1, 2, 2 ** 24, 0.5], 4);
  expect([...new Float64Array(Float32Array.from(bits).buffer)]).toEqual([1, 6.5]);
});
