import { conformance } from '@equimodal/testing';
import plugin from './index.js';

conformance(plugin, { cases: { 'fusion:ml-lstm': { options: { size: 4, units: 5 } } } });
