import { WASM } from './kernels.wasm.js';

/** Places in the memory of the kernels, in bytes. */
export type Address = number;

/** The functions of `assembly/`: addresses and sizes in, nothing or an address out. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
  transform(plan: Address, re: Address, im: Address): Address;
  windowed(signal: Address, hop: number, window: Address, n: number, count: number, out: Address): void;
  power(plan: Address, frames: Address, count: number, silence: Address, out: Address): void;
  filter(...args: readonly number[]): void;
  logMagnitude(from: Address, count: number, floor: number, to: Address): void;
  scan(frame: Address, from: Address, length: number, work: Address, order: Address): number;
  colours(...args: readonly number[]): void;
  greys(y: Address, row: number, width: number, height: number, out: Address): void;
  rowsOfColours(...args: readonly number[]): void;
  rows(...args: readonly number[]): void;
  columns(...args: readonly number[]): void;
  normalise(data: Address, count: number, mean: Address, deviation: Address, out: Address): void;
}

const PAGE = 65536;
/** Addresses are multiples of it, and so much lies behind every area: vectors may reach beyond its end. */
const ALIGNMENT = 64;

/** What is used of it: the types of Node do not have it. */
const { Instance, Module } = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: unknown };
    };
  }
).WebAssembly;

/** One instance a thread: kernels do not wait for anything, so nobody is in the middle of one. */
export const kernels = new Instance(new Module(Buffer.from(WASM, 'base64'))).exports as Kernels;

let kept = ALIGNMENT;

const room = (bytes: number): number => (Math.ceil(bytes / ALIGNMENT) + 1) * ALIGNMENT;

function ensure(end: Address): void {
  const missing = end - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE));
}

/** An area for as long as the thread lives, filled with zeros. What `scratch` gave before is no longer valid. */
export function keep(bytes: number): Address {
  const at = kept;
  kept += room(bytes);
  ensure(kept);
  new Uint8Array(kernels.memory.buffer, at, kept - at).fill(0);
  return at;
}

/** Areas of that many bytes, valid until somebody asks again. What they hold is left over from others. */
export function scratch(...sizes: readonly number[]): Address[] {
  let end = kept;
  const areas = sizes.map((bytes) => {
    const at = end;
    end += room(bytes);
    return at;
  });
  ensure(end);
  return areas;
}

/** Views of the memory, valid until it grows: until somebody asks for an area. */
export const bytesAt = (at: Address, length: number): Uint8Array => new Uint8Array(kernels.memory.buffer, at, length);
export const wordsAt = (at: Address, length: number): Uint16Array => new Uint16Array(kernels.memory.buffer, at, length);
export const integersAt = (at: Address, length: number): Int32Array => new Int32Array(kernels.memory.buffer, at, length);
export const floatsAt = (at: Address, length: number): Float32Array => new Float32Array(kernels.memory.buffer, at, length);
export const doublesAt = (at: Address, length: number): Float64Array => new Float64Array(kernels.memory.buffer, at, length);
