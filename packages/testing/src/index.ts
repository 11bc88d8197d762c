export { conformance, expectCoded, type ConformanceOptions, type Trial } from './kit/conformance.js';
export type { Cases, PieceCase } from './kit/cases.js';
export { toyDataset } from './toy/toy-dataset.js';
export { toyPlugin } from './toy/toy-plugin.js';
export { expectReplay, replayCheck, type ReplayCheck } from './replay/replay.js';
export { expectFinite, expectGradient, expectNoLeak, labels, normal, takeValues } from './checks/tensors.js';
