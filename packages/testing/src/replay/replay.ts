import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Bundle, CompiledProgram, CompileOptions, Engine, Program } from '@equimodal/core';
import { cloneTree, disposeTree } from '@equimodal/nn';
import { difference } from './difference.js';

/** Calls in which an engine may run the program itself, to make the graph and to compare replays: 1 to 3, 16, 256, ... */
const runsAllowed = (calls: number): number => Math.min(calls, 3) + (calls < 16 ? 0 : Math.floor(Math.log2(calls) / 4));
/** From here on a program must replay. */
const FIRST_REPLAY = 4;

/** Calls and runs of one program with inputs of one signature. */
interface Tally {
  readonly program: string;
  calls: number;
  runs: number;
}

/** An engine that is watched, and what was seen. */
export interface ReplayCheck {
  /** Stands in the place of the engine; give it to `train`, or compile with it. */
  readonly engine: Engine;
  /**
   * Says whether every program that was compiled replays.
   *
   * @throws Error when an engine that captures warned, ran a program again where it should have replayed it, or
   *   had no program that was called often enough (more than three times with inputs of one signature) to tell.
   */
  verify(): void;
}

/**
 * Watches the programs of an engine: each call is compared with plain eager execution of the same program on the same
 * inputs, as `difference` compares: what replaces an input (parameters after a step) by how far it moved.
 *
 * The engine itself compares the first three and ever rarer ones later; a number that changes later, unseen, shows here. `calls` of the
 * compile options are not passed on, so rare programs are captured as well.
 *
 * @throws Error at the call that disagrees, naming program, output and call. On an engine that does not capture this
 *   finds what a program keeps from one call to the next.
 *
 * @example
 * const check = replayCheck(engine);
 * await train({ ...request, engine: check.engine });
 * check.verify();
 */
export function replayCheck(engine: Engine): ReplayCheck {
  const tallies: Tally[] = [];
  const warnings: string[] = [];

  const compile = (program: Program, options: CompileOptions = {}): CompiledProgram => {
    const bySignature = new Map<string, Tally>();
    const tallyOf = (inputs: Bundle): Tally => {
      const signature = signatureOf(inputs);
      let tally = bySignature.get(signature);
      if (tally === undefined) {
        tally = { program: program.name, calls: 0, runs: 0 };
        bySignature.set(signature, tally);
        tallies.push(tally);
      }
      return tally;
    };
    const onWarning = (message: string): void => {
      warnings.push(message);
      options.onWarning?.(message);
    };
    const counted: Program = {
      name: program.name,
      run(inputs) {
        tallyOf(inputs).runs++;
        return program.run(inputs);
      },
    };
    const compiled = engine.compile(counted, { onWarning });
    const call = (inputs: Bundle): Bundle => {
      const tally = tallyOf(inputs);
      tally.calls++;
      const outputs = compiled(inputs);
      const found = compareWithEager(program, inputs, outputs);
      if (found === undefined) return outputs;
      disposeBundle(outputs);
      throw new Error(`program ${program.name}, call ${tally.calls}: the compiled program disagrees with eager execution in ${found}`);
    };
    return Object.assign(call, { dispose: () => compiled.dispose() });
  };

  return {
    engine: {
      id: engine.id,
      backend: engine.backend,
      gpu: engine.gpu,
      native: engine.native,
      versions: engine.versions,
      threads: engine.threads,
      capture: engine.capture,
      memory: () => engine.memory(),
      compile,
    },
    verify() {
      if (warnings.length > 0) throw new Error(`the engine warned: ${warnings.join('; ')}`);
      if (!engine.capture) return;
      for (const { program, calls, runs } of tallies) {
        if (runs > runsAllowed(calls)) throw new Error(`program ${program} is not replayed: it ran ${runs} times in ${calls} calls`);
      }
      if (!tallies.some(({ calls }) => calls >= FIRST_REPLAY)) {
        throw new Error(`no program was called often enough to be replayed; at least ${FIRST_REPLAY} calls are needed`);
      }
    },
  };
}

/**
 * Asserts that a program replays: calls it with fresh inputs, compares each call with eager execution, and counts.
 * Where the engine does not capture, two calls do.
 *
 * @param inputs what call number i is given; disposed after it.
 * @throws Error as `replayCheck`.
 */
export function expectReplay(engine: Engine, program: Program, inputs: (call: number) => Bundle): void {
  const check = replayCheck(engine);
  const compiled = check.engine.compile(program);
  try {
    for (let call = 0; call < (engine.capture ? 6 : 2); call++) {
      const given = inputs(call);
      try {
        disposeBundle(compiled(given));
      } finally {
        disposeBundle(given);
      }
    }
  } finally {
    compiled.dispose();
  }
  check.verify();
}

/** What differs between a compiled program's outputs and eager execution, in words. */
function compareWithEager(program: Program, inputs: Bundle, outputs: Bundle): string | undefined {
  const eager = tf.tidy(() => handlesOf(program.run(inputs)));
  const found = difference(outputs, eager, inputs);
  disposeBundle(eager);
  return found;
}

/** Handles of their own: an output may be an input, or appear twice. */
function handlesOf(bundle: Bundle): Record<string, Record<string, Tensor>> {
  return Object.fromEntries(Object.entries(bundle).map(([name, tree]) => [name, { ...cloneTree(tree) }]));
}

function signatureOf(bundle: Bundle): string {
  return Object.entries(bundle)
    .flatMap(([name, tree]) => Object.entries(tree).map(([path, tensor]) => `${name}/${path}:${tensor.dtype}[${tensor.shape.join()}]`))
    .join(' ');
}

function disposeBundle(bundle: Bundle): void {
  for (const tree of Object.values(bundle)) disposeTree(tree);
}
