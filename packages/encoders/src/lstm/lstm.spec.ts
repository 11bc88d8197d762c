import { lstm } from './lstm.js';
import { describeRecurrent } from './recurrent.fixture.js';
import fixture from './lstm.fixture.json' with { type: 'json' };

describeRecurrent(lstm, {
  fixture,
  defaults: {
    featureSize: 128,
    shapes: {
      'layer1/kernel': [3, 512],
      'layer1/recurrent': [128, 512],
      'layer1/bias': [512],
      'layer1/recurrentBias': [512],
    },
  },
});
