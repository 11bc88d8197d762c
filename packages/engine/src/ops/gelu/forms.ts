/** `exact` by the normal distribution function, `tanh` and `quick` are its approximations. */
export type GeluForm = 'exact' | 'tanh' | 'quick';

/** sqrt(2 / pi) and the factor of the cube, of the tanh form. */
export const ROOT = Math.sqrt(2 / Math.PI);
export const CUBIC = 0.044715;
/** Factor of the quick form. */
export const QUICK = 1.702;

/** Coefficients of the exponent in `erfc`, highest power first. Source: Press et al., "Numerical recipes", 2nd edition, section 6.2. */
const ERFC = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223];

/** 1 - erf x, within 1.2e-7 of itself. */
function erfc(x: number): number {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const tail = t * Math.exp(ERFC.reduce((sum, factor) => sum * t + factor, 0) - x * x);
  return x >= 0 ? tail : 2 - tail;
}

interface Form {
  value(x: number): number;
  /** d value / dx */
  slope(x: number): number;
}

const distribution = (x: number): number => 0.5 * erfc(-x * Math.SQRT1_2);
const bend = (x: number): number => Math.tanh(ROOT * (x + CUBIC * x ** 3));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The forms as functions of a number. */
export const FORMS: Readonly<Record<GeluForm, Form>> = {
  exact: {
    value: (x) => x * distribution(x),
    slope: (x) => distribution(x) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI),
  },
  tanh: {
    value: (x) => 0.5 * x * (1 + bend(x)),
    slope(x) {
      const t = bend(x);
      return 0.5 * (1 + t + x * (1 - t * t) * ROOT * (1 + 3 * CUBIC * x * x));
    },
  },
  quick: {
    value: (x) => x * sigmoid(QUICK * x),
    slope(x) {
      const s = sigmoid(QUICK * x);
      return s * (1 + QUICK * x * (1 - s));
    },
  },
};
