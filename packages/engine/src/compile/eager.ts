import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type Bundle, type Program, type Tree } from '@equimodal/core';

export function fault(program: Program, what: string, where: string): EquimodalError {
  return new EquimodalError('EQM_PLUGIN_FAULT', `program ${program.name}: ${what}`, { where });
}

/**
 * Runs a program as a plain call in a tidy scope, so that nothing but the outputs outlives it.
 *
 * The caller owns the outputs and disposes them; inputs stay the caller's.
 *
 * @throws EquimodalError EQM_PLUGIN_FAULT when the program returns a promise, or an output that is
 *   undefined, no tensor, or disposed; it names the program and the output.
 */
export function runEager(program: Program, inputs: Bundle): Bundle {
  return tf.tidy(() => {
    const firstId = nextTensorId();
    const outputs = program.run(inputs);
    if (isPromise(outputs)) throw fault(program, 'returned a promise; a program must be synchronous', program.name);
    return own(program, outputs, firstId) as Record<string, Record<string, tf.Tensor>>;
  });
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** The id below which every tensor is older than this call. */
function nextTensorId(): number {
  return (tf.engine() as unknown as { nextTensorId(): number }).nextTensorId();
}

/**
 * Makes the outputs the caller's own: a tensor that the program did not make itself (an input, a
 * tensor from outside), and one that appears twice, becomes a handle of its own.
 */
function own(program: Program, outputs: Bundle, firstId: number): Bundle {
  if (typeof outputs !== 'object' || outputs === null) {
    throw fault(program, `returned ${String(outputs)}, expected trees of tensors`, program.name);
  }
  const seen = new Set<number>();
  const bundle: Record<string, Tree> = {};
  for (const [name, tree] of Object.entries(outputs)) {
    if (isPromise(tree)) throw fault(program, `output ${name} is a promise; a program must be synchronous`, name);
    const owned: Record<string, tf.Tensor> = {};
    for (const [path, tensor] of Object.entries(tree)) {
      const where = `${program.name}: ${name}/${path}`;
      if (!(tensor instanceof tf.Tensor)) {
        const what = isPromise(tensor) ? 'a promise; a program must be synchronous' : String(tensor);
        throw fault(program, `output ${name}/${path} is ${what}, expected a tensor`, where);
      }
      if (tensor.isDisposed) throw fault(program, `output ${name}/${path} is a disposed tensor`, where);
      owned[path] = tensor.id < firstId || seen.has(tensor.id) ? tf.clone(tensor) : tensor;
      seen.add(tensor.id);
    }
    bundle[name] = owned;
  }
  return bundle;
}
