/** How the scored epoch was chosen, in one sentence, and whether it breaks the rule that test is scored once. */
export interface SelectionRule {
  readonly legacy: boolean;
  readonly sentence: string;
}

/** The sentence about selection that every table and plot carries. */
export function selectionRule(selection: string): SelectionRule {
  switch (selection) {
    case 'validation':
      return { legacy: false, sentence: 'The scored epoch was chosen on validation; test was scored once.' };
    case 'last':
      return { legacy: false, sentence: 'The last epoch was scored; test was scored once.' };
    case 'legacy-test':
      return {
        legacy: true,
        sentence:
          'Selected on test (legacy-test): the scored epoch was chosen on the test split itself, so every figure is ' +
          'too high by an unknown amount and must not be compared with figures selected on validation.',
      };
    default:
      return { legacy: false, sentence: `The scored epoch was chosen by the rule "${selection}".` };
  }
}
