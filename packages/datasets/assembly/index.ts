// Inner loops of the front-ends, for WebAssembly with vectors of 128 bits. Every function works on addresses in the one memory; who calls
// lays the memory out. Sources are AssemblyScript; `node tools/kernels/kernels.mjs` compiles them.
export { transform } from './fourier';
export { windowed, power, filter, logMagnitude } from './spectra';
export { scan } from './jpeg';
export { colours, greys } from './colours';
export { rowsOfColours, rows, columns, normalise } from './images';
