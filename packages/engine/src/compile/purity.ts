import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type Program } from '@equimodal/core';

/** Functions of TensorFlow.js that draw from a generator of their own, as they appear in a stack trace. */
const RANDOM_FUNCTION =
  /\b(randomUniformInt|randomUniform|randomStandardNormal|randomNormal|randomGamma|truncatedNormal|multinomial|dropout|rand)_\b/;
const RANDOM_KERNELS: readonly string[] = ['Multinomial'];

/** Read asynchronously; what they throw must not end in a promise that nobody waits for. */
const ASYNC_READS = ['data', 'array', 'bytes', 'buffer'] as const;

type Intercepted = Record<'readSync' | 'read' | 'makeTensor' | 'runKernel', (...args: never[]) => unknown>;

/**
 * Runs a program and refuses what would be wrong in a replay: reading a value, and drawing a random
 * number that no key governs. The same on every engine, so that a plugin that works on one works on all.
 *
 * @throws EquimodalError EQM_STEP_IMPURE, naming the op and the line that called it.
 */
export function refuseImpurity<T>(program: Program, run: (watched: Program) => T): T {
  const engine = tf.engine() as unknown as Intercepted;
  const original = { makeTensor: engine.makeTensor.bind(engine), runKernel: engine.runKernel.bind(engine) };
  let refused: EquimodalError | undefined;
  const refuse = (error: EquimodalError): never => {
    refused ??= error;
    throw error;
  };
  const refuseReadOf = (op: string): never =>
    refuse(
      impure(program, `reads the value of a tensor (${op})`, {
        fix: 'Compute with the tensor instead, or report() it: reports are read once, after the step.',
      }),
    );
  const refuseRead = (): never => refuseReadOf(/\b(\w+) \[as|Tensor\.(\w+)/.exec(trace())?.slice(1).find(Boolean) ?? 'dataSync');
  const reads = tf.Tensor.prototype as unknown as Record<string, unknown>;
  const asyncReads = ASYNC_READS.map((name) => [name, reads[name]] as const);
  const overrides: Intercepted = {
    readSync: refuseRead,
    read: refuseRead,
    makeTensor: (...args) => {
      const drawn = RANDOM_FUNCTION.exec(trace())?.[1];
      if (drawn !== undefined) refuse(randomError(program, drawn));
      return original.makeTensor(...args);
    },
    runKernel: (...args) => {
      const [kernel] = args as unknown as [string];
      if (RANDOM_KERNELS.includes(kernel)) refuse(randomError(program, kernel.toLowerCase()));
      return original.runKernel(...args);
    },
  };
  Object.assign(engine, overrides);
  for (const [name] of asyncReads) reads[name] = () => refuseReadOf(name);
  try {
    return run({
      name: program.name,
      run(inputs) {
        const outputs = program.run(inputs);
        // Caught by the program; a replay would still be wrong.
        if (refused !== undefined) throw refused;
        return outputs;
      },
    });
  } finally {
    for (const [name, method] of asyncReads) reads[name] = method;
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

/** Where this package's own files are, as they appear in a stack trace. */
const OWN = new URL('..', import.meta.url).pathname;

/** The innermost line of the stack that belongs neither to TensorFlow.js nor to this package. */
function caller(): string {
  const ours = (frame: string): boolean => frame.includes(OWN) && !/\.spec\.[jt]s/.test(frame);
  const line = trace()
    .split('\n')
    .slice(1)
    .find((frame) => !/@tensorflow|node:|<anonymous>/.test(frame) && !ours(frame));
  return line?.trim().replace(/^at /, '') ?? 'unknown';
}
