import { gelu as gaussianErrorUnit } from '@equimodal/engine';
import { pure, type Layer } from '../layer/layer.js';

/** x Phi(x), with the exact normal distribution function (PyTorch's default form). Source: Hendrycks and Gimpel, 2016. */
export const gelu: Layer = pure((x) => gaussianErrorUnit(x, 'exact'));
/** x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. Source: Hendrycks and Gimpel, 2016, section 2. */
export const geluTanh: Layer = pure((x) => gaussianErrorUnit(x, 'tanh'));
/** x sigmoid(1.702 x), what CLIP uses. Source: Hendrycks and Gimpel, 2016, section 2. */
export const quickGelu: Layer = pure((x) => gaussianErrorUnit(x, 'quick'));
