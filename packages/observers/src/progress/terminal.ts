import { styleText } from 'node:util';
import { fit, type Segment } from './format.js';

/** What is written to: `process.stderr`, or a stand-in. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What a progress line depends on besides signals. */
export interface ProgressSurroundings {
  readonly stream: ProgressStream;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const CLEAR = '\r\u001b[K';
const FALLBACK_WIDTH = 80;

/**
 * One live line at the bottom of a terminal, and lasting lines above it. Where the stream is no terminal
 * there is no live line and no control character.
 */
export class Terminal {
  readonly live: boolean;
  readonly #colour: boolean;
  #drawn = false;

  constructor(private readonly surroundings: Pick<ProgressSurroundings, 'stream' | 'env'>) {
    const { stream, env } = surroundings;
    this.live = stream.isTTY === true && env['TERM'] !== 'dumb';
    this.#colour = this.live && (env['NO_COLOR'] ?? '') === '';
  }

  /** Draws the live line over the one before. It never reaches the last column, so it cannot wrap. */
  draw(segments: readonly Segment[]): void {
    if (!this.live) return;
    const { stream } = this.surroundings;
    stream.write(CLEAR + this.#render(fit(segments, (stream.columns || FALLBACK_WIDTH) - 1)));
    this.#drawn = true;
  }

  /** Writes a line that stays, in place of the live one. */
  print(segments: readonly Segment[]): void {
    this.surroundings.stream.write(`${this.#drawn ? CLEAR : ''}${this.#render(segments)}\n`);
    this.#drawn = false;
  }

  /** Takes the live line away. */
  clear(): void {
    if (this.#drawn) this.surroundings.stream.write(CLEAR);
    this.#drawn = false;
  }

  #render(segments: readonly Segment[]): string {
    return segments
      .map(({ text, style }) => (style === undefined || !this.#colour ? text : styleText(style, text, { validateStream: false })))
      .join('')
      .replaceAll(/\s*[\r\n]+\s*/g, ' ');
  }
}
