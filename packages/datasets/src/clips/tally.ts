import { EquimodalError } from '@equimodal/core';
import type { SplitName } from '../features/labels.js';

/** Names given as examples. */
const EXAMPLES = 3;

/** Counts the rows of a list that are left out, and why. */
export class Tally {
  readonly #reasons = new Map<string, string[]>();
  #dropped = 0;

  constructor(
    readonly split: SplitName,
    readonly listed: number,
  ) {}

  /** @param reason follows a number: "12 no frames". */
  drop(reason: string, name: string): void {
    const names = this.#reasons.get(reason);
    if (names === undefined) this.#reasons.set(reason, [name]);
    else names.push(name);
    this.#dropped++;
  }

  get kept(): number {
    return this.listed - this.#dropped;
  }

  /** One sentence. */
  note(): string {
    const head = `${this.split}: ${this.kept} of ${this.listed} listed rows are used`;
    return this.#reasons.size === 0 ? head : `${head}; left out: ${this.reasons().join(', ')}`;
  }

  reasons(): string[] {
    return [...this.#reasons].map(([reason, names]) => {
      const more = names.length > EXAMPLES ? ', ...' : '';
      return `${names.length} with ${reason} (${names.slice(0, EXAMPLES).join(', ')}${more})`;
    });
  }

  /** @throws EQM_DATA_SPLIT when no row is left. */
  requireRows(): void {
    if (this.kept > 0) return;
    throw new EquimodalError('EQM_DATA_SPLIT', `no row of ${this.split} is left of ${this.listed}`, {
      problems: this.reasons().map((message) => ({ message })),
      fix: 'Check that the lists are those of the files in the folder.',
    });
  }
}
