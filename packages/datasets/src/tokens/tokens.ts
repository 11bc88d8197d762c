/** Ids that stand for no word. */
export const PADDING = 0;
export const UNKNOWN = 1;
const FIRST_WORD = 2;

/** Words by id; the most frequent first, equally frequent ones in the order of the text. */
export class Vocabulary {
  readonly #ids: ReadonlyMap<string, number>;

  /** @param texts words of the training rows. @param size most ids, padding and unknown among them. */
  constructor(texts: Iterable<readonly string[]>, size: number) {
    const counts = new Map<string, number>();
    for (const words of texts) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    const words = [...counts].sort((a, b) => b[1] - a[1]).slice(0, Math.max(0, size - FIRST_WORD));
    this.#ids = new Map(words.map(([word], i) => [word, i + FIRST_WORD]));
  }

  /** Ids in use. */
  get size(): number {
    return this.#ids.size + FIRST_WORD;
  }

  /** What each id stands for. */
  get pieces(): readonly string[] {
    return ['', '[unknown]', ...this.#ids.keys()];
  }

  /** Ids of the first `length` words, filled with padding; `unknown` counts words without an id. */
  encode(
    words: readonly string[],
    length: number,
    out: Int32Array = new Int32Array(length),
  ): { readonly ids: Int32Array; readonly unknown: number } {
    let unknown = 0;
    out.fill(PADDING);
    for (let i = 0; i < Math.min(length, words.length); i++) {
      const id = this.#ids.get(words[i]!) ?? UNKNOWN;
      if (id === UNKNOWN) unknown++;
      out[i] = id;
    }
    return { ids: out, unknown };
  }
}

/** Words between white space. */
export const splitWords = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
