import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type Program } from '@equimodal/core';

/** Functions of TensorFlow.js that draw from a generator of their own, as they appear in a stack trace. */
const RANDOM_FUNCTION =
  /\b(randomUniformInt|randomUniform|randomStandardNormal|randomNormal|randomGamma|truncatedNormal|multinomial|dropout|rand)_\b/;
const RANDOM_KERNELS: readonly string[] = ['Multinomial'];

type Intercepted = Record<'readSync' | 'read' | 'makeTensor' | 'runKernel', (...args: never[]) => unknown>;

/**
 * Runs a program and refuses what would be wrong in a replay: reading a value, and drawing a random
 * number that no key governs. The same on every engine, so that a plugin that works on one works on all.
 *
 * @throws EquimodalError EQM_STEP_IMPURE, naming the op and the line that called it.
 */
export function refuseImpurity<T>(program: Program, run: () => T): T {
  const engine = tf.engine() as unknown as Intercepted;
  const original = { makeTensor: engine.makeTensor.bind(engine), runKernel: engine.runKernel.bind(engine) };
  const refuseRead = (): never => {
    throw impure(
      program,
      `reads the value of a tensor (${/\b(\w+) \[as|Tensor\.(\w+)/.exec(trace())?.slice(1).find(Boolean) ?? 'dataSync'})`,
      {
        fix: 'Compute with the tensor instead, or report() it: reports are read once, after the step.',
      },
    );
  };
  const overrides: Intercepted = {
    readSync: refuseRead,
    read: refuseRead,
    makeTensor: (...args) => {
      const drawn = RANDOM_FUNCTION.exec(trace())?.[1];
      if (drawn !== undefined) throw randomError(program, drawn);
      return original.makeTensor(...args);
    },
    runKernel: (...args) => {
      const [kernel] = args as unknown as [string];
      if (RANDOM_KERNELS.includes(kernel)) throw randomError(program, kernel.toLowerCase());
      return original.runKernel(...args);
    },
  };
  Object.assign(engine, overrides);
  try {
    return run();
  } finally {
    for (const name of Object.keys(overrides)) Reflect.deleteProperty(engine, name);
  }
}

export function randomError(program: Program, op: string): EquimodalError {
  return impure(program, `draws a random number (${op})`, {
    fix: "Use the hook's `random` stream or `statelessUniform` with a key: a replay must draw anew at every step, and repeat under a seed.",
  });
}

function impure(program: Program, what: string, { fix }: { fix: string }): EquimodalError {
  return new EquimodalError('EQM_STEP_IMPURE', `program ${program.name} ${what}`, { where: caller(), fix });
}

function trace(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  return stack;
}

/** The innermost line of the stack that belongs neither to TensorFlow.js nor to this file. */
function caller(): string {
  const line = trace()
    .split('\n')
    .slice(1)
    .find((frame) => !/@tensorflow|compile[\\/]purity\.[jt]s|node:/.test(frame));
  return line?.trim().replace(/^at /, '') ?? 'unknown';
}
