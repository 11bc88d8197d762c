import * as tf from '@tensorflow/tfjs-core';
import type { CompiledProgram, CompileOptions, Engine, NativeInfo, Program } from '@equimodal/core';
import { compileEager } from './compile.js';

/** What differs between our engines. */
export type EngineFacts = Omit<Engine, 'compile' | 'memory' | 'capture'>;

/** An engine of a started TensorFlow.js backend. */
export class TfjsEngine implements Engine {
  readonly id: string;
  readonly backend: string;
  readonly gpu: boolean;
  readonly native: NativeInfo | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly threads: number;
  readonly capture: boolean;
  readonly #replaying: ((program: Program, options: CompileOptions) => CompiledProgram) | undefined;

  /** @param replaying how the engine captures programs, if it can. */
  constructor(facts: EngineFacts, replaying?: (program: Program, options: CompileOptions) => CompiledProgram) {
    this.id = facts.id;
    this.backend = facts.backend;
    this.gpu = facts.gpu;
    this.native = facts.native;
    this.versions = Object.freeze({ node: process.versions.node, tfjs: tf.version_core, ...facts.versions });
    this.threads = facts.threads;
    this.capture = replaying !== undefined;
    this.#replaying = replaying;
  }

  compile(program: Program, options: CompileOptions = {}): CompiledProgram {
    return this.#replaying?.(program, options) ?? compileEager(program);
  }

  memory(): { readonly tensors: number; readonly bytes: number } {
    const { numTensors, numBytes } = tf.memory();
    return { tensors: numTensors, bytes: numBytes };
  }
}
