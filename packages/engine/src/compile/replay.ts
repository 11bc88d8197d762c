import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { messageOf, type Bundle, type CompiledProgram, type CompileOptions, type Program } from '@equimodal/core';
import type { NativeBackend } from '../backend/native.js';
import { CapturedProgram } from '../capture/captured.js';
import { disagreement } from '../capture/guard.js';
import { StatefulOpError } from '../capture/recorder.js';
import { flatten } from '../capture/signature.js';
import { compileEager } from './compile.js';
import { fault, runEager } from './eager.js';
import { randomError, refuseImpurity } from './purity.js';

/** Graphs kept per program; the one unused for longest goes first. */
const MAX_GRAPHS = 8;
/** Calls whose replay is compared with eager execution: the first three, and ever rarer ones later. */
const isGuarded = (call: number): boolean => call <= 3 || (call >= 16 && Number.isInteger(Math.log2(call) / 4));
/** Below this many calls, making a graph takes longer than it saves. */
export const WORTH_CAPTURING = 24;

/** What is known of one signature: its graph, or that it runs eagerly. */
type Entry = { readonly captured: CapturedProgram; calls: number } | 'eager';

/**
 * A program that is captured at the first call of each input signature and replayed as a TensorFlow
 * graph from then on. Every call gives what the graph gives, so that a run that is resumed takes the
 * same steps. The first replays are compared with eager execution; where they disagree, or where a
 * program cannot be written as a graph, it runs eagerly from then on and a warning says why.
 *
 * @throws EquimodalError at the call, as `runEager` and `refuseImpurity`.
 */
export function compileReplaying(program: Program, backend: NativeBackend, options: CompileOptions = {}): CompiledProgram {
  if ((options.calls ?? Infinity) < WORTH_CAPTURING) return compileEager(program);
  const entries = new Map<string, Entry>();
  let disposed = false;

  const giveUp = (signature: string, cause: string): void => {
    const entry = entries.get(signature);
    if (entry !== undefined && entry !== 'eager') entry.captured.dispose();
    entries.set(signature, 'eager');
    options.onWarning?.(`program ${program.name} is not replayed as a graph and runs eagerly, which is slower: ${cause}`);
  };

  /** Compares with eager outputs, which end here. */
  const agree = (signature: string, inputs: Bundle, replayed: Bundle, eager: Bundle): boolean => {
    const found = disagreement(replayed, eager, inputs);
    if (found === undefined) {
      disposeBundle(eager);
      return true;
    }
    disposeBundle(replayed);
    giveUp(signature, `the replay disagrees with eager execution in ${found}`);
    return false;
  };

  const first = (inputs: Bundle, tensors: readonly Tensor[], signature: string): Bundle => {
    const capture = watch(program, (watched) => CapturedProgram.capture(backend, watched, inputs, tensors));
    if ('failure' in capture) {
      giveUp(signature, capture.failure);
      return capture.eager;
    }
    const { captured, eager } = capture;
    entries.set(signature, { captured, calls: 1 });
    const oldest = entries.keys().next().value;
    if (entries.size > MAX_GRAPHS && oldest !== undefined) {
      const entry = entries.get(oldest);
      if (entry !== 'eager') entry?.captured.dispose();
      entries.delete(oldest);
    }
    const replayed = replay(captured, tensors, signature);
    return replayed !== undefined && agree(signature, inputs, replayed, eager) ? replayed : eager;
  };

  const replay = (captured: CapturedProgram, tensors: readonly Tensor[], signature: string): Bundle | undefined => {
    try {
      return captured.run(tensors);
    } catch (error) {
      giveUp(signature, messageOf(error));
      return undefined;
    }
  };

  const call = (inputs: Bundle): Bundle => {
    if (disposed) throw fault(program, 'was called after dispose()', program.name);
    const { tensors, signature } = flatten(inputs);
    const entry = entries.get(signature);
    if (entry === undefined) return first(inputs, tensors, signature);
    if (entry === 'eager') return runEager(program, inputs);
    // Used last.
    entries.delete(signature);
    if (!entry.captured.alive) {
      entry.captured.dispose();
      return first(inputs, tensors, signature);
    }
    entries.set(signature, entry);
    const replayed = replay(entry.captured, tensors, signature);
    if (replayed === undefined) return runEager(program, inputs);
    entry.calls++;
    if (!isGuarded(entry.calls)) return replayed;
    const eager = runEager(program, inputs);
    return agree(signature, inputs, replayed, eager) ? replayed : eager;
  };

  return Object.assign(call, {
    dispose: () => {
      disposed = true;
      for (const entry of entries.values()) if (entry !== 'eager') entry.captured.dispose();
      entries.clear();
    },
  });
}

function watch<T>(program: Program, run: (watched: Program) => T): T {
  try {
    return refuseImpurity(program, run);
  } catch (error) {
    throw error instanceof StatefulOpError ? randomError(program, error.op) : error;
  }
}

function disposeBundle(bundle: Bundle): void {
  for (const tree of Object.values(bundle)) tf.dispose({ ...tree });
}
