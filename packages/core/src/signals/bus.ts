import { filter, Observable, Subject, Subscriber, type Observer, type Operator, type Subscription } from 'rxjs';
import { messageOf } from '../errors/errors.js';
import type { Signal, SignalMap, SignalOf, SignalType } from './signals.js';

type OnThrow = (error: unknown) => void;

/**
 * An Observable whose final subscribers may throw without harm: the error becomes a warning on the
 * bus instead of an uncaught exception, through any chain of operators.
 */
class GuardedObservable<T> extends Observable<T> {
  constructor(
    source: Observable<unknown>,
    private readonly onThrow: OnThrow,
    operator?: Operator<never, T>,
  ) {
    super();
    this.source = source;
    this.operator = operator as Operator<unknown, T> | undefined;
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    return new GuardedObservable<R>(this, this.onThrow, operator as Operator<never, R> | undefined);
  }

  override subscribe(observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null): Subscription {
    if (observerOrNext instanceof Subscriber) return super.subscribe(observerOrNext);
    const observer = typeof observerOrNext === 'function' ? { next: observerOrNext } : (observerOrNext ?? {});
    return super.subscribe({
      next: (value) => {
        try {
          const result: unknown = observer.next?.(value);
          if (result instanceof Promise) result.catch(this.onThrow);
        } catch (error) {
          this.onThrow(error);
        }
      },
      error: (error: unknown) => this.onThrow(error),
      complete: () => observer.complete?.(),
    });
  }
}

/** The read side of the bus: what plugins and library users get. */
export interface Signals {
  /** Every signal, in order. */
  readonly all$: Observable<Signal>;
  /** The signals of one type. */
  on<T extends SignalType>(type: T): Observable<SignalOf<T>>;
}

/** The signal bus of one run: plain frozen records, delivered in the order they were emitted. */
export class SignalBus implements Signals {
  readonly #subject = new Subject<Signal>();
  readonly #queue: Signal[] = [];
  readonly #thrown = new Map<string, number>();
  #draining = false;
  #index: number;

  readonly all$: Observable<Signal>;

  /** @param firstIndex index of the first signal; a resumed run continues its numbering. */
  constructor(firstIndex = 0) {
    this.#index = firstIndex;
    this.all$ = new GuardedObservable<Signal>(this.#subject, (error) => this.#observerThrew(error));
  }

  on<T extends SignalType>(type: T): Observable<SignalOf<T>> {
    return this.all$.pipe(filter((signal): signal is SignalOf<T> & Signal => signal.type === type));
  }

  /** Index the next signal will get. */
  get nextIndex(): number {
    return this.#index;
  }

  set nextIndex(index: number) {
    this.#index = index;
  }

  /** Emits a signal. What a subscriber emits while one is delivered is delivered after it. */
  emit<T extends SignalType>(type: T, payload: SignalMap[T]): void {
    const record = deepFreeze({ type, index: this.#index++, ...payload }) as unknown as Signal;
    this.#queue.push(record);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#subject.next(next);
    } finally {
      this.#draining = false;
    }
  }

  /** Completes the streams; later emissions are dropped. */
  complete(): void {
    this.#subject.complete();
  }

  /** The first throw of each kind is a warning; repeats are counted, not repeated. */
  #observerThrew(error: unknown): void {
    const message = messageOf(error);
    const count = (this.#thrown.get(message) ?? 0) + 1;
    this.#thrown.set(message, count);
    if (count === 1) this.emit('warning', { source: 'observer', message: `an observer threw: ${message}; training goes on` });
  }
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null && !Object.isFrozen(member)) deepFreeze(member as object);
  }
  return Object.freeze(value);
}
