/** Classes of a regression label in [-3, 3]. */
export const LABEL_RULES = ['sign', 'positive', 'seven', 'stored'] as const;
export type LabelRule = (typeof LABEL_RULES)[number];

/** NumPy's rounding: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Names of the classes a rule gives; undefined where the file says it (`stored`). */
export const RULE_CLASSES: Readonly<Record<LabelRule, readonly string[] | undefined>> = {
  sign: ['negative', 'non-negative'],
  positive: ['non-positive', 'positive'],
  seven: ['-3', '-2', '-1', '0', '1', '2', '3'],
  stored: undefined,
};

/**
 * Class of a regression label: `sign` is below 0 or not, `positive` above 0 or not, `seven` the nearest whole number in [-3, 3] (halves
 * to the even one).
 */
export function classOf(value: number, rule: Exclude<LabelRule, 'stored'>): number {
  if (rule === 'sign') return value < 0 ? 0 : 1;
  if (rule === 'positive') return value > 0 ? 1 : 0;
  return roundHalfEven(Math.min(3, Math.max(-3, value))) + 3;
}
