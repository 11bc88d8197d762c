import { filter, Observable, Subject, Subscriber, type Observer, type Operator, type Subscription } from 'rxjs';
import { messageOf } from '../errors/errors.js';
import type { Signal, SignalMap, SignalOf, SignalType } from './signals.js';

type OnThrow = (error: unknown) => void;
/** Told how long a subscriber took over one signal, in milliseconds. */
type OnDelivered = (milliseconds: number, type: string) => void;

/** A subscriber that holds training up for so long is told of, once. Milliseconds. */
const SLOW = 1000;

/**
 * An Observable whose final subscribers may throw without harm: the error becomes a warning on the
 * bus instead of an uncaught exception, through any chain of operators.
 */
class GuardedObservable<T> extends Observable<T> {
  constructor(
    source: Observable<unknown>,
    private readonly onThrow: OnThrow,
    private readonly onDelivered: OnDelivered,
    operator?: Operator<never, T>,
  ) {
    super();
    this.source = source;
    this.operator = operator as Operator<unknown, T> | undefined;
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    return new GuardedObservable<R>(this, this.onThrow, this.onDelivered, operator as Operator<never, R> | undefined);
  }

  override subscribe(observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null): Subscription {
    if (observerOrNext instanceof Subscriber) return super.subscribe(observerOrNext);
    const observer = typeof observerOrNext === 'function' ? { next: observerOrNext } : (observerOrNext ?? {});
    return super.subscribe({
      next: (value) => {
        const started = performance.now();
        try {
          const result: unknown = observer.next?.(value);
          if (result instanceof Promise) result.catch(this.onThrow);
        } catch (error) {
          this.onThrow(error);
        }
        this.onDelivered(performance.now() - started, (value as { readonly type?: string } | undefined)?.type ?? 'a signal');
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
  readonly #slow = new Set<string>();
  #draining = false;
  #index: number;

  readonly all$: Observable<Signal>;

  /** @param firstIndex index of the first signal; a resumed run continues its numbering. */
  constructor(firstIndex = 0) {
    this.#index = firstIndex;
    this.all$ = this.#guarded('an observer');
  }

  on<T extends SignalType>(type: T): Observable<SignalOf<T>> {
    return ofType(this.all$, type);
  }

  /** The bus as one subscriber sees it: warnings about it carry its name, e.g. `observer "csv"`. */
  named(who: string): Signals {
    const all$ = this.#guarded(who);
    return { all$, on: (type) => ofType(all$, type) };
  }

  #guarded(who: string): Observable<Signal> {
    return new GuardedObservable<Signal>(
      this.#subject,
      (error) => this.#observerThrew(who, error),
      (milliseconds, type) => this.#observerTook(who, milliseconds, type),
    );
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
  #observerThrew(who: string, error: unknown): void {
    const message = messageOf(error);
    const kind = `${who}: ${message}`;
    const count = (this.#thrown.get(kind) ?? 0) + 1;
    this.#thrown.set(kind, count);
    if (count === 1) this.emit('warning', { source: 'observer', message: `${who} threw: ${message}; training goes on` });
  }

  /** Signals are delivered one after another, so training waits for whoever is slow: that is a warning, once. */
  #observerTook(who: string, milliseconds: number, type: string): void {
    if (milliseconds < SLOW || this.#slow.has(who)) return;
    this.#slow.add(who);
    const seconds = (milliseconds / 1000).toFixed(1);
    this.emit('warning', {
      source: 'observer',
      message: `${who} held training up for ${seconds} s over ${type}; let it return at once and do its work later`,
    });
  }
}

function ofType<T extends SignalType>(all$: Observable<Signal>, type: T): Observable<SignalOf<T>> {
  return all$.pipe(filter((signal): signal is SignalOf<T> & Signal => signal.type === type));
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null && !Object.isFrozen(member)) deepFreeze(member as object);
  }
  return Object.freeze(value);
}
