import { availableParallelism } from 'node:os';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';

const require = createRequire(import.meta.url);

/** Threads that were asked for: the option, else EQUIMODAL_THREADS, else undefined (the library's own choice). */
export function requestedThreads(option: number | undefined): number | undefined {
  const asked = option ?? Number(process.env['EQUIMODAL_THREADS'] ?? NaN);
  return Number.isInteger(asked) && asked > 0 ? asked : undefined;
}

/** Threads a native engine will use. */
export function effectiveThreads(option: number | undefined): number {
  return requestedThreads(option) ?? availableParallelism();
}

/** Whether programs are to be captured: the option, else EQUIMODAL_CAPTURE (0 is no), else yes. */
export function wantsCapture(option: boolean | undefined): boolean {
  return option ?? process.env['EQUIMODAL_CAPTURE'] !== '0';
}

/** Functions that Node 23 removed and TensorFlow.js 4.22 still calls. */
export function restoreUtilFunctions(): void {
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

/**
 * Everything that must be said to the process before a TensorFlow library is loaded: threads, log
 * level, and no advertisement of TensorFlow.js on the console. Variables the user has set stay.
 */
export function prepareProcess(options: { readonly debug: boolean; readonly threads: number | undefined }): void {
  restoreUtilFunctions();
  const threads = requestedThreads(options.threads);
  if (threads !== undefined) {
    for (const name of ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS']) {
      process.env[name] = String(threads);
    }
  }
  if (!options.debug) process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  tf.enableProdMode();
}
