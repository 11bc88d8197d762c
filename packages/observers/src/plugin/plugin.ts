import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { csvObserver } from '../csv/csv.js';
import { jsonlObserver } from '../jsonl/jsonl.js';
import { progressObserver } from '../progress/progress.js';
import { tensorboardObserver } from '../tensorboard/tensorboard.js';

/** The observers of the product: signals as JSON lines, figures as CSV and for TensorBoard, progress on the terminal. */
export const observers = definePlugin({
  name: '@equimodal/observers',
  contractVersion: CONTRACT_VERSION,
  provides: [jsonlObserver, csvObserver, progressObserver, tensorboardObserver],
});
