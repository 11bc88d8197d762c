export { main } from './main.js';
export { builtInHost, VERSION } from './host.js';
