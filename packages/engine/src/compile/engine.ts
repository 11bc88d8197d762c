import * as tf from '@tensorflow/tfjs-core';
import type { CompiledProgram, Engine, NativeInfo, Program } from '@equimodal/core';
import { compileEager } from './compile.js';

/** What differs between our engines. */
export interface EngineFacts {
  readonly id: string;
  readonly backend: string;
  readonly gpu: boolean;
  readonly native: NativeInfo | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly threads: number;
}

/** An engine of a started TensorFlow.js backend. */
export class TfjsEngine implements Engine {
  readonly id: string;
  readonly backend: string;
  readonly gpu: boolean;
  readonly native: NativeInfo | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly threads: number;

  constructor(facts: EngineFacts) {
    this.id = facts.id;
    this.backend = facts.backend;
    this.gpu = facts.gpu;
    this.native = facts.native;
    this.versions = Object.freeze({ node: process.versions.node, tfjs: tf.version_core, ...facts.versions });
    this.threads = facts.threads;
  }

  compile(program: Program): CompiledProgram {
    return compileEager(program);
  }

  memory(): { readonly tensors: number; readonly bytes: number } {
    const { numTensors, numBytes } = tf.memory();
    return { tensors: numTensors, bytes: numBytes };
  }
}
