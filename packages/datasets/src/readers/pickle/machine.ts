import type { EquimodalError } from '@equimodal/core';
import { Cursor, type ByteSource } from '../source.js';
import { build, dataGlobals, type Globals } from './globals.js';
import { readValue, Tokens } from './tokens.js';
import { Callable, PickleBytes, type PickleValue } from './values.js';

/** Most of what a pickle may build, so that a file of a few bytes an object cannot fill the memory. A number counts 1. */
const LARGEST_WEIGHT = 1e8;
const LIST_WEIGHT = 8;
const MAP_WEIGHT = 128;

export interface UnpickleOptions {
  /** Names that are read beside the constructors of plain data. */
  readonly globals?: (fail: (what: string) => EquimodalError) => Globals;
  /** Gives what a persistent id stands for. */
  readonly persistent?: (id: PickleValue, fail: (what: string) => EquimodalError) => PickleValue;
}

/**
 * Reads a pickle of plain data: protocols 0 to 5; dict, list, tuple, text, bytes, numbers, None, NumPy arrays and numbers. Nothing
 * is run: a pickle names what it wants to call, and a name that is not on the short list of constructors of data is refused.
 *
 * Large byte strings stay in the file until they are asked for, so a file larger than the memory can be read in parts.
 *
 * @throws EQM_DATA_MALFORMED naming file and byte offset.
 */
export function unpickle(source: ByteSource, options: UnpickleOptions = {}): PickleValue {
  return new Machine(source, options).run();
}

class Machine {
  readonly #cursor: Cursor;
  readonly #tokens: Tokens;
  readonly #memo = new Map<number, PickleValue>();
  readonly #fail = (what: string): EquimodalError => this.#cursor.fail(what, this.#opcodeAt);
  readonly #globals: Globals[];
  #stack: PickleValue[] = [];
  #marks: PickleValue[][] = [];
  #opcodeAt = 0;
  #weight = 0;

  constructor(
    source: ByteSource,
    private readonly options: UnpickleOptions,
  ) {
    this.#cursor = new Cursor(source);
    this.#tokens = new Tokens(this.#cursor, this.#fail);
    this.#globals = [dataGlobals(source.file, this.#fail), ...(options.globals === undefined ? [] : [options.globals(this.#fail)])];
  }

  run(): PickleValue {
    for (;;) {
      this.#opcodeAt = this.#cursor.offset;
      const code = this.#cursor.u8('an opcode');
      if (code === 0x2e) return this.#pop();
      const value = readValue(code, this.#tokens);
      if (value === undefined) this.#step(code);
      else this.#push(value, value instanceof PickleBytes ? LIST_WEIGHT : 1);
    }
  }

  #charge(weight: number): void {
    this.#weight += weight;
    if (this.#weight > LARGEST_WEIGHT) throw this.#fail('the pickle holds too many objects; store numbers as NumPy arrays');
  }

  #push(value: PickleValue, weight = 1): void {
    this.#charge(weight);
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw this.#fail('the pickle takes from an empty stack');
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.#fail('the pickle takes from an empty stack');
    return value;
  }

  /** What was pushed since the last mark. */
  #marked(): PickleValue[] {
    const items = this.#stack;
    const below = this.#marks.pop();
    if (below === undefined) throw this.#fail('the pickle lacks a mark');
    this.#stack = below;
    return items;
  }

  #tuple(length: number): void {
    if (this.#stack.length < length) throw this.#fail('the pickle takes from an empty stack');
    this.#push(this.#stack.splice(this.#stack.length - length, length), LIST_WEIGHT);
  }

  #map(items: readonly PickleValue[], map = new Map<PickleValue, PickleValue>()): Map<PickleValue, PickleValue> {
    if (items.length % 2 !== 0) throw this.#fail('a dict with a key and no value');
    for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
    return map;
  }

  #list(): PickleValue[] {
    const value = this.#top();
    if (!Array.isArray(value)) throw this.#fail('items are appended to something that is not a list');
    return value;
  }

  #dict(): Map<PickleValue, PickleValue> {
    const value = this.#top();
    if (!(value instanceof Map)) throw this.#fail('items are set in something that is not a dict');
    return value;
  }

  #global(module: PickleValue, name: PickleValue): Callable {
    if (typeof module !== 'string' || typeof name !== 'string') throw this.#fail('a name that is not text');
    for (const globals of this.#globals) {
      const found = globals(module, name);
      if (found !== undefined) return found;
    }
    const full = `${module}.${name}`.slice(0, 120);
    throw this.#cursor.fail(
      `the pickle asks for "${full}", which is not plain data; only dicts, lists, tuples, text, bytes, numbers and NumPy arrays are read`,
      this.#opcodeAt,
    );
  }

  #call(callee: PickleValue, args: PickleValue): PickleValue {
    if (!(callee instanceof Callable) || !Array.isArray(args))
      throw this.#fail('the pickle calls something that is not a constructor of data');
    return callee.call(args);
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#fail(`the pickle recalls ${index}, which it did not keep`);
    return value;
  }

  #keep(index: number): void {
    this.#charge(1);
    this.#memo.set(index, this.#top());
  }

  #persistent(id: PickleValue): PickleValue {
    if (this.options.persistent === undefined) throw this.#fail('the pickle refers to data outside of it');
    return this.options.persistent(id, this.#fail);
  }

  #step(code: number): void {
    const cursor = this.#cursor;
    switch (code) {
      case 0x80: {
        const protocol = cursor.u8('the protocol');
        if (protocol > 5) throw this.#fail(`pickle protocol ${protocol} is not known`);
        return;
      }
      case 0x95:
        if (cursor.u64('the length of a frame') > cursor.remaining)
          throw this.#fail('truncated: a frame reaches beyond the end of the file');
        return;
      // marks and the stack
      case 0x28:
        this.#charge(LIST_WEIGHT);
        this.#marks.push(this.#stack);
        this.#stack = [];
        return;
      case 0x30:
        if (this.#stack.length === 0) this.#marked();
        else this.#pop();
        return;
      case 0x31:
        this.#marked();
        return;
      case 0x32:
        return this.#push(this.#top());
      // lists, tuples, dicts
      case 0x5d:
      case 0x29:
        return this.#push([], LIST_WEIGHT);
      case 0x7d:
        return this.#push(new Map(), MAP_WEIGHT);
      case 0x6c:
      case 0x74: {
        const items = this.#marked();
        return this.#push(items, LIST_WEIGHT);
      }
      case 0x64: {
        const items = this.#marked();
        return this.#push(this.#map(items), MAP_WEIGHT);
      }
      case 0x85:
      case 0x86:
      case 0x87:
        return this.#tuple(code - 0x84);
      case 0x61: {
        const item = this.#pop();
        this.#list().push(item);
        return;
      }
      case 0x65: {
        const items = this.#marked();
        const list = this.#list();
        for (const item of items) list.push(item);
        return;
      }
      case 0x73: {
        const value = this.#pop();
        const key = this.#pop();
        this.#dict().set(key, value);
        return;
      }
      case 0x75: {
        const items = this.#marked();
        this.#map(items, this.#dict());
        return;
      }
      // the memo
      case 0x70:
        return this.#keep(this.#tokens.index());
      case 0x71:
        return this.#keep(cursor.u8('an index'));
      case 0x72:
        return this.#keep(cursor.u32('an index'));
      case 0x94:
        return this.#keep(this.#memo.size);
      case 0x67:
        return this.#push(this.#recall(this.#tokens.index()));
      case 0x68:
        return this.#push(this.#recall(cursor.u8('an index')));
      case 0x6a:
        return this.#push(this.#recall(cursor.u32('an index')));
      // names and calls
      case 0x63: {
        const module = this.#tokens.line();
        return this.#push(this.#global(module, this.#tokens.line()));
      }
      case 0x93: {
        const name = this.#pop();
        return this.#push(this.#global(this.#pop(), name));
      }
      case 0x52: {
        const args = this.#pop();
        return this.#push(this.#call(this.#pop(), args), MAP_WEIGHT);
      }
      case 0x62: {
        const state = this.#pop();
        return build(this.#top(), state, cursor.source.file, this.#fail);
      }
      case 0x51:
        return this.#push(this.#persistent(this.#pop()), LIST_WEIGHT);
      case 0x50:
        return this.#push(this.#persistent(this.#tokens.line()), LIST_WEIGHT);
      case 0x69: {
        const module = this.#tokens.line();
        this.#global(module, this.#tokens.line());
        throw this.#fail('the pickle makes an instance of a class; only plain data are read');
      }
      default:
        throw this.#fail(REFUSED[code] ?? `0x${code.toString(16)} is not an opcode of a pickle`);
    }
  }
}

const REFUSED: Readonly<Record<number, string>> = {
  ...{
    0x6f: 'the pickle makes an instance of a class; only plain data are read',
    0x81: 'the pickle makes an instance of a class; only plain data are read',
  },
  ...{
    0x92: 'the pickle makes an instance of a class; only plain data are read',
    0x8f: 'a set is not read; store a list',
    0x91: 'a frozenset is not read; store a tuple',
  },
  ...{
    0x82: 'the pickle uses a registered extension',
    0x83: 'the pickle uses a registered extension',
    0x84: 'the pickle uses a registered extension',
  },
  ...{ 0x97: 'the pickle has buffers outside of it', 0x98: 'the pickle has buffers outside of it' },
};
