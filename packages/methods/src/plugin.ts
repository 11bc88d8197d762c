import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { agmMethod } from './agm/agm.js';
import { domfnMethod } from './domfn/domfn.js';
import { gBlendMethod } from './g-blend/g-blend.js';
import { greedyMethod } from './greedy/greedy.js';
import { mlaMethod } from './mla/mla.js';
import { mmcosineMethod } from './mmcosine/mmcosine.js';
import { mmparetoMethod } from './mmpareto/mmpareto.js';
import { msesMethod } from './mses/mses.js';
import { mslrMethod } from './mslr/mslr.js';
import { ogmGeMethod } from './ogm-ge/ogm-ge.js';
import { ogmMethod } from './ogm/ogm.js';
import { opmMethod } from './opm/opm.js';
import { pmrMethod } from './pmr/pmr.js';
import { reconboostMethod } from './reconboost/reconboost.js';
import { relearningMethod } from './relearning/relearning.js';
import { umtMethod } from './umt/umt.js';
import { uniformMethod } from './uniform/uniform.js';
import { unimodalSumMethod } from './unimodal-sum/unimodal-sum.js';
import { unimodalMethod } from './unimodal/unimodal.js';

/** The balancing methods of the comparison table, and their controls. */
export const methods = definePlugin({
  name: 'methods',
  contractVersion: CONTRACT_VERSION,
  provides: [
    agmMethod,
    domfnMethod,
    gBlendMethod,
    greedyMethod,
    mlaMethod,
    mmcosineMethod,
    mmparetoMethod,
    msesMethod,
    mslrMethod,
    ogmGeMethod,
    ogmMethod,
    opmMethod,
    pmrMethod,
    reconboostMethod,
    relearningMethod,
    umtMethod,
    uniformMethod,
    unimodalMethod,
    unimodalSumMethod,
  ],
});
