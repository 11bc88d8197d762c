/**
 * A small assembler of WebAssembly: functions over the memory of another module, with 128-bit vectors. Values are expressions,
 * statements are methods of the function being written.
 *
 * Source: WebAssembly Core Specification 2.0, section 5 (binary format).
 */
export type ValueType = 'i32' | 'f32' | 'v128';

const TYPE_CODES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** An expression: the instructions that push one value. */
export interface Value {
  readonly type: ValueType;
  readonly code: readonly number[];
}

/** A local variable or a parameter. */
export interface Local extends Value {
  readonly index: number;
}

/** An unsigned number, seven bits a byte. */
export function unsigned(n: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
    n >>>= 7;
  } while (n > 0);
  return bytes;
}

/** A signed number, seven bits a byte. */
export function signed(n: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = n & 0x7f;
    n >>= 7;
    if ((n === 0 && (low & 0x40) === 0) || (n === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** A vector instruction's bytes. */
const vector = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

type Binary = (a: Value, b: Value) => Value;
const binary =
  (type: ValueType, opcode: readonly number[]): Binary =>
  (a, b) => ({ type, code: [...a.code, ...b.code, ...opcode] });
const unary =
  (type: ValueType, opcode: readonly number[]) =>
  (a: Value): Value => ({ type, code: [...a.code, ...opcode] });
/** A load; the alignment is a hint and always given as 4 bytes. */
const loader =
  (type: ValueType, opcode: readonly number[]) =>
  (address: Value, offset = 0): Value => ({ type, code: [...address.code, ...opcode, 2, ...unsigned(offset)] });

export const i32 = {
  constant: (n: number): Value => ({ type: 'i32', code: [0x41, ...signed(n)] }),
  load: loader('i32', [0x28]),
  add: binary('i32', [0x6a]),
  mul: binary('i32', [0x6c]),
  and: binary('i32', [0x71]),
  shiftLeft: binary('i32', [0x74]),
  equal: binary('i32', [0x46]),
  /** As unsigned numbers, like all addresses. */
  less: binary('i32', [0x49]),
  lessOrEqual: binary('i32', [0x4d]),
};
export const f32 = {
  zero: { type: 'f32', code: [0x43, 0, 0, 0, 0] } as Value,
  load: loader('f32', [0x2a]),
  add: binary('f32', [0x92]),
  mul: binary('f32', [0x94]),
};
/** Four float32 numbers. */
export const f32x4 = {
  zero: { type: 'v128', code: [...vector(0x0c), ...new Array<number>(16).fill(0)] } as Value,
  load: loader('v128', vector(0x00)),
  /** One number from memory, in all four lanes. */
  loadSplat: loader('v128', vector(0x09)),
  greater: binary('v128', vector(0x44)),
  and: binary('v128', vector(0x4e)),
  add: binary('v128', vector(0xe4)),
  sub: binary('v128', vector(0xe5)),
  mul: binary('v128', vector(0xe6)),
  div: binary('v128', vector(0xe7)),
  min: binary('v128', vector(0xe8)),
  max: binary('v128', vector(0xe9)),
};
/** Two float64 numbers. */
export const f64x2 = {
  load: loader('v128', vector(0x00)),
  /** Two float32 numbers from memory, widened. */
  loadWidened: (address: Value, offset = 0): Value => unary('v128', vector(0x5f))(loader('v128', vector(0x5d))(address, offset)),
  add: binary('v128', vector(0xf0)),
  sub: binary('v128', vector(0xf1)),
  mul: binary('v128', vector(0xf2)),
};

const STORES: Readonly<Record<ValueType, readonly number[]>> = { i32: [0x36], f32: [0x38], v128: vector(0x0b) };

/** A function being written; it returns nothing. */
export class AssembledFunction {
  readonly parameters: readonly Local[];
  private readonly locals: ValueType[] = [];
  private readonly body: number[] = [];

  /** @param count of parameters: addresses and counts, all i32. */
  constructor(count: number) {
    this.parameters = Array.from({ length: count }, (_, index) => localAt('i32', index));
  }

  /** A new local, zero at first; with a value, set to it here. */
  local(type: ValueType, value?: Value): Local {
    this.locals.push(type);
    const local = localAt(type, this.parameters.length + this.locals.length - 1);
    if (value !== undefined) this.set(local, value);
    return local;
  }

  set(local: Local, value: Value): void {
    this.body.push(...value.code, 0x21, ...unsigned(local.index));
  }

  /** local += value, for integers. */
  advance(local: Local, value: Value | number): void {
    this.set(local, i32.add(local, typeof value === 'number' ? i32.constant(value) : value));
  }

  store(address: Value, value: Value, offset = 0): void {
    this.body.push(...address.code, ...value.code, ...STORES[value.type], 2, ...unsigned(offset));
  }

  /** Copies `size` bytes; the two ranges may overlap. */
  copy(to: Value, from: Value, size: Value): void {
    this.body.push(...to.code, ...from.code, ...size.code, 0xfc, 0x0a, 0, 0);
  }

  /** Repeats while the condition holds, which is looked at before each turn. */
  while(condition: Value, turn: () => void): void {
    this.body.push(...condition.code, 0x04, 0x40, 0x03, 0x40);
    turn();
    this.body.push(...condition.code, 0x0d, 0, 0x0b, 0x0b);
  }

  when(condition: Value, then: () => void, otherwise?: () => void): void {
    this.body.push(...condition.code, 0x04, 0x40);
    then();
    if (otherwise !== undefined) {
      this.body.push(0x05);
      otherwise();
    }
    this.body.push(0x0b);
  }

  /** Size, locals and instructions, as the code section holds them. */
  encode(): number[] {
    const declarations = this.locals.flatMap((type) => [1, TYPE_CODES[type]]);
    const content = unsigned(this.locals.length).concat(declarations, this.body, 0x0b);
    return unsigned(content.length).concat(content);
  }
}

function localAt(type: ValueType, index: number): Local {
  return { type, index, code: [0x20, ...unsigned(index)] };
}

function text(name: string): number[] {
  const bytes = [...new TextEncoder().encode(name)];
  return [...unsigned(bytes.length), ...bytes];
}

/** A module of exported functions that work on the memory imported as "host" "memory". */
export function assembleModule(functions: Readonly<Record<string, AssembledFunction>>): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(functions);
  const section = (id: number, items: readonly (readonly number[])[]): number[] => {
    const content = unsigned(items.length).concat(...items);
    return [id].concat(unsigned(content.length), content);
  };
  const signatures = entries.map(([, { parameters }]) => [
    0x60,
    ...unsigned(parameters.length),
    ...parameters.map(({ type }) => TYPE_CODES[type]),
    0,
  ]);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, signatures),
    ...section(2, [[...text('host'), ...text('memory'), 0x02, 0x00, 0]]),
    ...section(
      3,
      entries.map((_, i) => unsigned(i)),
    ),
    ...section(
      7,
      entries.map(([name], i) => [...text(name), 0x00, ...unsigned(i)]),
    ),
    ...section(
      10,
      entries.map(([, fn]) => fn.encode()),
    ),
  ]);
}
