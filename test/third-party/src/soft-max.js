import { definePiece, EquimodalError } from '@equimodal/core';
import { initChildren, linear } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

const WHERE = 'fusion "soft-max"';

/** log sum_m exp(t l_m) / t: close to the largest for a large sharpness t. */
function joined(logits, sharpness) {
  const all = tf.stack(logits.map((each) => tf.mul(each, sharpness)));
  return tf.div(tf.logSumExp(all, 0), sharpness);
}

/** Own linear heads l_m = W_m phi_m + b_m, joined by log-sum-exp over modalities, class by class. */
export const softMax = definePiece({
  kind: 'fusion',
  id: 'soft-max',
  description: 'Own linear heads, the surest one of each class counts most; read-out: the own head',
  facts: {},
  options: z.object({ sharpness: z.number().positive().default(1).describe('Large: the largest logit of each class') }),
  create({ sharpness }, { modalities, featureSizes, classes }) {
    const heads = Object.fromEntries(modalities.map((name) => [name, linear({ inputs: featureSizes[name], outputs: classes })]));
    const unimodalOf = (scope, features) =>
      Object.fromEntries(
        modalities.filter((name) => features[name] !== undefined).map((name) => [name, heads[name].apply(scope.at(name), features[name])]),
      );
    return {
      init: (random) => initChildren(heads, random),
      apply(scope, features) {
        const unimodal = unimodalOf(scope, features);
        return { logits: joined(Object.values(unimodal), sharpness), unimodal };
      },
      partial(scope, features) {
        const present = Object.values(unimodalOf(scope, features));
        if (present.length === 0) throw new EquimodalError('EQM_PLUGIN_FAULT', 'no modality is there', { where: WHERE });
        return joined(present, sharpness);
      },
    };
  },
});
