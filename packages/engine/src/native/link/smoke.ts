import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runCommand, lastLine, linkError } from './command.js';
import type { TfjsNode } from '../library/library.js';

const require = createRequire(import.meta.url);

// Runs in a process of its own: a wrong library does not throw, it ends the process.
const SMOKE = `
const util = require('node:util');
util.isNullOrUndefined ??= (x) => x === null || x === undefined;
util.isArray ??= Array.isArray;
const [core, kernels, backend, addon] = process.argv.slice(1);
const tf = require(core);
tf.enableProdMode();
require(kernels);
const { NodeJSKernelBackend } = require(backend);
const binding = require(addon);
tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu'), 3);
if (!tf.setBackend('tensorflow')) throw new Error('the backend did not start');
const close = (name, actual, expected) => {
  if (actual.length !== expected.length || expected.some((v, i) => !(Math.abs(v - actual[i]) < 1e-5))) {
    throw new Error(name + ' gave ' + Array.from(actual) + ', expected ' + expected);
  }
};
close('matMul', tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])).dataSync(), [19, 22, 43, 50]);
const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
const [dx, dw] = tf.grads((x, w) => tf.sum(tf.conv2d(x, w, 1, 'valid')))([x, tf.tensor4d([1, -2, 3, 4], [2, 2, 1, 1])]);
close('input gradient', dx.dataSync(), [1, -1, -2, 4, 6, 2, 3, 7, 4]);
close('filter gradient', dw.dataSync(), [12, 16, 24, 28]);
console.log('smoke ' + JSON.stringify({ version: binding.TF_Version, gpu: Boolean(binding.isUsingGpuDevice()) }));
`;

/** What a tried add-on says of itself. */
export interface SmokeResult {
  readonly version: string;
  readonly gpu: boolean;
}

/**
 * Loads an add-on in a child process and checks a matrix product and both gradients of a convolution.
 *
 * @throws EquimodalError EQM_ENGINE_LINK
 */
export async function smokeTest(tfjs: TfjsNode, addon: string, environment: Readonly<Record<string, string>> = {}): Promise<SmokeResult> {
  const args = [
    '-e',
    SMOKE,
    require.resolve('@tensorflow/tfjs-core'),
    join(tfjs.folder, 'dist', 'register_all_kernels.js'),
    join(tfjs.folder, 'dist', 'nodejs_kernel_backend.js'),
    addon,
  ];
  const { NODE_OPTIONS: _, ...env } = process.env;
  const result = await runCommand(process.execPath, args, {
    timeout: 5 * 60_000,
    env: { ...env, ...environment, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  const said = /^smoke (.*)$/m.exec(result.stdout)?.[1];
  if (result.status !== 0 || said === undefined) throw linkError('smoke test', lastLine(result));
  return JSON.parse(said) as SmokeResult;
}

/**
 * What helps where a library computes wrong results. oneDNN as in TensorFlow 2.21 gives wrong gradients of convolutions on
 * some processors (seen on AMD Zen 5); with `ONEDNN_MAX_CPU_ISA=AVX2` some of them still are.
 */
const WITHOUT_ONEDNN = { TF_ENABLE_ONEDNN_OPTS: '0' };

/**
 * The smoke test, and where it fails the same with oneDNN switched off.
 *
 * @returns what the add-on says, and the variables it needed.
 * @throws EquimodalError EQM_ENGINE_LINK, of the first try, when the second fails too.
 */
export async function smokeTestOrRestrict(
  tfjs: TfjsNode,
  addon: string,
  say: (line: string) => void,
): Promise<SmokeResult & { readonly environment?: Readonly<Record<string, string>> }> {
  try {
    return await smokeTest(tfjs, addon);
  } catch (first) {
    say('wheel: smoke test failed; trying TF_ENABLE_ONEDNN_OPTS=0');
    const second = await smokeTest(tfjs, addon, WITHOUT_ONEDNN).catch(() => undefined);
    if (second === undefined) throw first;
    return { ...second, environment: WITHOUT_ONEDNN };
  }
}
