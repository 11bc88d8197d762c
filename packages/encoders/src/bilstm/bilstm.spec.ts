import { describeRecurrent } from '../lstm/recurrent.fixture.js';
import { bilstm } from './bilstm.js';
import fixture from './bilstm.fixture.json' with { type: 'json' };

describeRecurrent(bilstm, {
  fixture,
  defaults: {
    featureSize: 256,
    shapes: {
      'layer1/forward/kernel': [3, 512],
      'layer1/forward/recurrent': [128, 512],
      'layer1/forward/bias': [512],
      'layer1/forward/recurrentBias': [512],
      'layer1/backward/kernel': [3, 512],
      'layer1/backward/recurrent': [128, 512],
      'layer1/backward/bias': [512],
      'layer1/backward/recurrentBias': [512],
    },
  },
});
