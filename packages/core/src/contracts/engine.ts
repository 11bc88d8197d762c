import type { Bundle } from './tree.js';

/**
 * A pure function of trees of tensors. Whatever changes between calls is an input, no value is read
 * inside, randomness comes from keys that are inputs; so an engine may capture it once and replay it.
 */
export interface Program {
  readonly name: string;
  run(inputs: Bundle): Bundle;
}

/** What an engine may want to know of a program. */
export interface CompileOptions {
  /** How often one signature of inputs will be called in a run, about; an engine that captures leaves rare ones alone. Default: often. */
  readonly calls?: number;
  /** Told when the engine does less than it could, and why. */
  readonly onWarning?: (message: string) => void;
}

/** A program made ready. The caller owns the outputs; inputs stay the caller's. */
export interface CompiledProgram {
  (inputs: Bundle): Bundle;
  dispose(): void;
}

export interface NativeInfo {
  /** `official` binary of the package, or `linked` to a TensorFlow wheel. */
  readonly origin: 'official' | 'linked';
  /** Version of the TensorFlow library. */
  readonly tensorflow: string;
  /** Path of the add-on. */
  readonly addon: string;
  /** Variables without which the library computes wrong results on this processor; set before it is loaded. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A TensorFlow.js backend that was selected, checked and completed. One per process. */
export interface Engine {
  readonly id: string;
  /** Name of the TensorFlow.js backend. */
  readonly backend: string;
  readonly gpu: boolean;
  readonly native: NativeInfo | null;
  /** tfjs version and the like. */
  readonly versions: Readonly<Record<string, string>>;
  /** Worker threads, where the engine can say. */
  readonly threads: number;
  /** Whether programs are captured once per input signature and replayed as graphs. */
  readonly capture: boolean;
  compile(program: Program, options?: CompileOptions): CompiledProgram;
  /** Live tensors, for leak checks. */
  memory(): { readonly tensors: number; readonly bytes: number };
}

/** An engine as a piece: can it be used here, and start it. */
export interface EngineProvider {
  /** Cheap: looks, does not load. */
  probe(): Promise<{ readonly usable: boolean; readonly reason: string }>;
  start(): Promise<Engine>;
}
export interface EngineContext {
  readonly debug: boolean;
  readonly threads: number | undefined;
  /** False runs every program eagerly. Default: EQUIMODAL_CAPTURE, else true. */
  readonly capture?: boolean;
}
