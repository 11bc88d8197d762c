export { mlp } from './mlp/mlp.js';
export { lenet } from './lenet/lenet.js';
export { resnet18 } from './resnet18/resnet18.js';
export { lstm } from './lstm/lstm.js';
export { bilstm } from './bilstm/bilstm.js';
export { conv1d } from './conv1d/conv1d.js';
export { textCnn } from './text-cnn/text-cnn.js';
export { encoders, encoders as default } from './plugin/plugin.js';
