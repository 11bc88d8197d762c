export { observers, observers as default } from './plugin/plugin.js';
export { jsonlObserver } from './jsonl/jsonl.js';
export { csvObserver } from './csv/csv.js';
export { tensorboardObserver } from './tensorboard/tensorboard.js';
export { progressObserver, ProgressObserver, type ProgressStream, type ProgressSurroundings } from './progress/progress.js';
