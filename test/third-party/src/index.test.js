import { conformance } from '@equimodal/testing';
import plugin from './index.js';

conformance(plugin);
