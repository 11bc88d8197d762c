import type { ModalitySpec } from '@equimodal/core';

/** Figures of the rows of one modality that were read. */
export interface ModalityStatistics {
  readonly rows: number;
  /** Rows that are all zeros: an absent modality, or an empty text. */
  readonly zeroRows: number;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly mean: number | null;
  readonly deviation: number | null;
  /** Of tokens: how many each row has before the padding. */
  readonly length: { readonly mean: number; readonly longest: number; readonly full: number } | null;
}

/** Gathers the figures of a modality batch by batch. */
export class ModalityFigures {
  #rows = 0;
  #zeroRows = 0;
  #values = 0;
  #mean = 0;
  #squares = 0;
  #minimum = Infinity;
  #maximum = -Infinity;
  #tokens = 0;
  #longest = 0;
  #full = 0;
  readonly #size: number;

  constructor(private readonly spec: ModalitySpec) {
    this.#size = spec.shape.reduce((product, length) => product * length, 1);
  }

  /** @param problem told of a row whose values are missing or not finite. */
  add(values: Float32Array | Int32Array | undefined, rows: Int32Array, problem: (row: number, message: string) => void): void {
    const { name, shape } = this.spec;
    if (values === undefined || values.length !== rows.length * this.#size) {
      const got = values === undefined ? 'nothing' : `${values.length} values`;
      problem(rows[0]!, `"${name}": the dataset gave ${got}; ${rows.length} rows of [${shape.join(', ')}] are ${rows.length * this.#size}`);
      return;
    }
    rows.forEach((row, i) => this.#row(values.subarray(i * this.#size, (i + 1) * this.#size), (message) => problem(row, message)));
  }

  #row(values: Float32Array | Int32Array, problem: (message: string) => void): void {
    this.#rows++;
    let nonzero = false;
    let last = 0;
    let unfit = 0;
    for (let k = 0; k < values.length; k++) {
      const value = values[k]!;
      if (!Number.isFinite(value)) {
        unfit++;
        continue;
      }
      if (value !== 0) {
        nonzero = true;
        last = k + 1;
      }
      // Welford's way: mean and squares stay exact over long sums
      this.#values++;
      const away = value - this.#mean;
      this.#mean += away / this.#values;
      this.#squares += away * (value - this.#mean);
      if (value < this.#minimum) this.#minimum = value;
      if (value > this.#maximum) this.#maximum = value;
    }
    if (!nonzero) this.#zeroRows++;
    if (unfit > 0) problem(`"${this.spec.name}": ${unfit} of ${values.length} values are not finite`);
    this.#tokens += last;
    this.#longest = Math.max(this.#longest, last);
    if (last === values.length) this.#full++;
  }

  result(): ModalityStatistics {
    const some = this.#values > 0;
    return {
      rows: this.#rows,
      zeroRows: this.#zeroRows,
      minimum: some ? this.#minimum : null,
      maximum: some ? this.#maximum : null,
      mean: some ? this.#mean : null,
      deviation: some ? Math.sqrt(this.#squares / this.#values) : null,
      length:
        this.spec.kind === 'tokens' && this.#rows > 0
          ? { mean: this.#tokens / this.#rows, longest: this.#longest, full: this.#full }
          : null,
    };
  }
}
