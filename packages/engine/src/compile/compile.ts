import type { Bundle, CompiledProgram, Program } from '@equimodal/core';
import { fault, runEager } from './eager.js';
import { refuseImpurity } from './purity.js';

/**
 * A program as a plain call. The first call is watched for reads and random numbers (see `refuseImpurity`).
 *
 * @throws EquimodalError at the call, as `runEager` and `refuseImpurity`.
 */
export function compileEager(program: Program): CompiledProgram {
  let disposed = false;
  let watched = false;
  const call = (inputs: Bundle): Bundle => {
    if (disposed) throw fault(program, 'was called after dispose()', program.name);
    if (watched) return runEager(program, inputs);
    const outputs = refuseImpurity(program, (watched) => runEager(watched, inputs));
    watched = true;
    return outputs;
  };
  return Object.assign(call, {
    dispose: () => {
      disposed = true;
    },
  });
}
