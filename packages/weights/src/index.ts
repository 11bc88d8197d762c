export { WeightFile, bytesOf, sha256OfFile, writeWeights, type Weight } from './safetensors/safetensors.js';
export type { Header, TensorInfo } from './safetensors/header.js';
export { float16, type Numbers } from './safetensors/numbers.js';
export { fileShape, fromFile } from './layout/layout.js';
export { firstNames, matchWeights, readMatch, type Match, type MatchOptions } from './match/match.js';
