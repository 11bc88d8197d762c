import type { KernelBackend } from '@tensorflow/tfjs-core';
import { assembleModule, type AssembledFunction } from './assembler.js';
import { broadcast, copyRows, OPERATION_NAMES, reluGradient, type Operation } from './elementwise.js';
import { columnProducts, columnSquares, columnSums, normaliseColumns, normaliseColumnsGradient } from './moments.js';
import { multiplyAddRows, rowDots } from './rows.js';
import { packPanels, productByColumns, productByRows } from './product.js';

/** What is used of WebAssembly; its full types come with those of a browser only. */
export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: { host: { memory: WebAssemblyMemory } }) => { readonly exports: unknown };
};

const FUNCTIONS = {
  productByRows,
  productByColumns,
  packPanels,
  columnSums,
  columnSquares,
  columnProducts,
  normaliseColumns,
  normaliseColumnsGradient,
  reluGradient,
  copyRows,
  multiplyAddRows,
  rowDots,
};

const BROADCASTS = Object.fromEntries(
  OPERATION_NAMES.flatMap((op) =>
    [false, true].flatMap((flipped) =>
      [false, true].map((single) => [broadcastName(op, flipped, single), () => broadcast(op, flipped, single)] as const),
    ),
  ),
);

export type BroadcastName = `${Operation}${'' | 'Flipped'}${'Row' | 'Scalar'}`;

/** The name of {@link broadcast} among the functions. */
export function broadcastName(op: Operation, flipped: boolean, single: boolean): BroadcastName {
  return `${op}${flipped ? 'Flipped' : ''}${single ? 'Scalar' : 'Row'}`;
}

/** Our vector functions over the memory of the wasm backend. Arguments are byte addresses and counts, see each function's source. */
export type Simd = Readonly<Record<keyof typeof FUNCTIONS | BroadcastName, (...parameters: number[]) => void>>;

/** Assembles functions over a memory. */
export function instantiate<Name extends string>(
  functions: Readonly<Record<Name, AssembledFunction>>,
  memory: WebAssemblyMemory,
): Readonly<Record<Name, (...parameters: number[]) => void>> {
  const binary = new WebAssembly.Module(assembleModule(functions));
  return new WebAssembly.Instance(binary, { host: { memory } }).exports as Record<Name, (...parameters: number[]) => void>;
}

const instances = new WeakMap<WebAssemblyMemory, Simd>();

/** Our functions over a memory; they are assembled once for it (17 kB, some 20 ms). */
export function simdOver(memory: WebAssemblyMemory): Simd {
  let instance = instances.get(memory);
  if (instance === undefined) {
    const written = Object.entries({ ...FUNCTIONS, ...BROADCASTS }).map(([name, write]) => [name, write()] as const);
    instance = instantiate(Object.fromEntries(written), memory) as Simd;
    instances.set(memory, instance);
  }
  return instance;
}

/** The memory in which the wasm backend keeps its tensors. */
export function backendMemory(backend: KernelBackend): WebAssemblyMemory {
  return (backend as unknown as { wasm: { asm: { memory: WebAssemblyMemory } } }).wasm.asm.memory;
}
