/**
 * Lets one long training make its steps in rounds: between rounds the trainer waits for its batch.
 * The time of a step is that from one `step.completed` to the next; the first step of a round, which waited, has none.
 */
export class Rounds {
  #left = 0;
  #last = null;
  #updated = false;
  #wake = null;
  #finish = null;
  #times = [];
  #updates = [];

  constructor(clock = () => performance.now()) {
    this.clock = clock;
  }

  /** Before a batch is read: nothing in a round, a promise of the next round otherwise. */
  gate() {
    if (this.#left > 0) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Starts a round of `count` timed steps; resolves with the times in ms of steps, and of steps with an update of alpha. */
  run(count) {
    return new Promise((resolve) => {
      this.#left = count + 1;
      this.#last = null;
      [this.#times, this.#updates] = [[], []];
      this.#finish = resolve;
      this.#wake?.();
    });
  }

  /** A hypergradient was computed before the step that is under way. */
  alphaUpdated() {
    this.#updated = true;
  }

  stepCompleted() {
    const now = this.clock();
    if (this.#last !== null) (this.#updated ? this.#updates : this.#times).push(now - this.#last);
    this.#last = now;
    this.#updated = false;
    this.#left -= 1;
    if (this.#left === 0) this.#finish({ times: this.#times, updates: this.#updates });
  }
}
