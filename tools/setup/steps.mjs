/** Prints numbered steps with how long each took: `[2/4] Build the packages`, then `      up to date (3.1 s)`. */
export class Steps {
  constructor(total, write = (line) => console.log(line)) {
    this.total = total;
    this.done = 0;
    this.write = write;
  }

  /**
   * Runs one step. `body` is given a function that prints a line of progress, and returns what to say at the end.
   */
  async step(title, body) {
    const started = performance.now();
    this.done += 1;
    this.write(`[${this.done}/${this.total}] ${title}`);
    const summary = await body((line) => this.note(line));
    this.note(`${summary} (${seconds(performance.now() - started)})`);
  }

  /** The last step, whose program has the terminal to itself. */
  announce(title) {
    this.done += 1;
    this.write(`[${this.done}/${this.total}] ${title}\n`);
  }

  note(line) {
    this.write(`      ${line}`);
  }
}

export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(milliseconds < 9950 ? 1 : 0)} s`;
}
