import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findNative, findTfjsNode } from '../library/library.js';

const require = createRequire(import.meta.url);

// Convolutions and their gradients while signals arrive as fast as a loop can send them. Without the shield the heap is
// corrupt within a second.
const STORM = `
const [core, union, kernels, backend, addon] = process.argv.slice(1);
const tf = require(core);
require(union);
require(kernels);
const { NodeJSKernelBackend } = require(backend);
tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(require(addon), '@tensorflow/tfjs-node-gpu'), 9);
tf.setBackend('tensorflow');
let received = 0;
process.on('SIGWINCH', () => received++);
const sender = require('node:child_process').spawn('sh', ['-c', 'while kill -WINCH ' + process.pid + ' 2>/dev/null; do :; done'], { stdio: 'ignore' });
const layers = [[32, 1, 8], [16, 8, 16], [8, 16, 32], [4, 32, 64]].map(([size, inputs, outputs]) => [tf.ones([64, size, size, inputs]), tf.ones([3, 3, inputs, outputs])]);
const end = Date.now() + 2500;
const work = () => {
  for (const layer of layers) tf.tidy(() => tf.grads((a, b) => tf.sum(tf.conv2d(a, b, 2, 'same')))(layer)[1].dataSync());
  if (Date.now() < end) return setImmediate(work);
  sender.kill();
  console.log('received ' + received);
  process.exit(0);
};
work();
`;

const { info } = findNative();
it.skipIf(info?.origin !== 'linked' || process.platform !== 'linux')('computes on while signals arrive', async () => {
  const { folder } = findTfjsNode()!;
  const args = [
    '-e',
    STORM,
    require.resolve('@tensorflow/tfjs-core'),
    require.resolve('@tensorflow/tfjs'),
    join(folder, 'dist/register_all_kernels.js'),
    join(folder, 'dist/nodejs_kernel_backend.js'),
    info!.addon,
  ];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const status = await new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
  expect(status, output).toBe(0);
  expect(Number(/received (\d+)/.exec(output)?.[1])).toBeGreaterThan(20);
});
