export { mlp } from './mlp/mlp.js';
export { lenet } from './lenet/lenet.js';
export { resnet18 } from './resnet18/resnet18.js';
export { encoders, encoders as default } from './plugin/plugin.js';
