import { AssembledFunction, f32, f32x4, i32, type Local, type Value } from './assembler.js';

const VECTOR = { type: 'v128', load: f32x4.load, spread: f32x4.loadSplat, add: f32x4.add, mul: f32x4.mul, zero: f32x4.zero } as const;
const SCALAR = { type: 'f32', load: f32.load, spread: f32.load, add: f32.add, mul: f32.mul, zero: f32.zero } as const;

/** How many columns are done at once, and as what: vectors of four, or one number. */
interface Panel {
  readonly columns: number;
  readonly vectors: number;
  readonly ops: typeof VECTOR | typeof SCALAR;
}

/** Eight columns while there are eight, then four, then one by one. */
const PANELS: readonly Panel[] = [
  { columns: 8, vectors: 2, ops: VECTOR },
  { columns: 4, vectors: 1, ops: VECTOR },
  { columns: 1, vectors: 1, ops: SCALAR },
];
/** Four rows of eight columns fill half of the sixteen registers with sums; more spills, and so does unrolling. */
const ROWS = [4, 3, 2, 1] as const;

/** The locals of a tile of sums, for vectors or single numbers. */
class TileLocals {
  private readonly sums: readonly (readonly Local[])[];
  private readonly held: readonly Local[];
  private readonly spread: Local;

  constructor(
    private readonly f: AssembledFunction,
    type: 'v128' | 'f32',
  ) {
    this.sums = ROWS.map(() => [f.local(type), f.local(type)]);
    this.held = [f.local(type), f.local(type)];
    this.spread = f.local(type);
  }

  clear({ vectors, ops }: Panel, rows: number): void {
    for (const row of this.sums.slice(0, rows)) for (const sum of row.slice(0, vectors)) this.f.set(sum, ops.zero);
  }

  /** sums[r] += a[r] b for one position of the inner axis: b's row is at an address, a[r] where `entry` says. */
  multiplyAdd({ vectors, ops }: Panel, rows: number, b: Value, entry: (row: number) => Value): void {
    const held = this.held.slice(0, vectors);
    held.forEach((local, v) => this.f.set(local, ops.load(b, 16 * v)));
    this.sums.slice(0, rows).forEach((row, r) => {
      this.f.set(this.spread, entry(r));
      held.forEach((local, v) => this.f.set(row[v]!, ops.add(row[v]!, ops.mul(this.spread, local))));
    });
  }

  /** c[r] = sums[r], or c[r] += sums[r], row after row: rows of c may overlap. */
  write({ vectors, ops }: Panel, rows: number, accumulate: Value, to: Local, address: (row: number) => Value): void {
    this.sums.slice(0, rows).forEach((row, r) => {
      this.f.set(to, address(r));
      row.slice(0, vectors).forEach((sum, v) => {
        this.f.when(
          accumulate,
          () => this.f.store(to, ops.add(ops.load(to, 16 * v), sum), 16 * v),
          () => this.f.store(to, sum, 16 * v),
        );
      });
    });
  }
}

const bytes = (count: Value): Value => i32.shiftLeft(count, i32.constant(2));
const at = (base: Value, index: Value): Value => i32.add(base, bytes(index));

/** Walks over the panels of b, [k, n], with the address of each. */
function forEachPanel(
  f: AssembledFunction,
  k: Value,
  n: Value,
  b: Value,
  write: (panel: Panel, column: Local, start: Local) => void,
): void {
  const column = f.local('i32', i32.constant(0));
  const start = f.local('i32', b);
  for (const panel of PANELS) {
    f.while(i32.lessOrEqual(i32.add(column, i32.constant(panel.columns)), n), () => {
      write(panel, column, start);
      f.advance(start, i32.mul(k, i32.constant(4 * panel.columns)));
      f.advance(column, panel.columns);
    });
  }
}

/** Walks over the rows of a result, in tiles. */
function forEachRows(f: AssembledFunction, m: Value, row: Local, write: (rows: number) => void): void {
  f.set(row, i32.constant(0));
  for (const rows of ROWS) {
    f.while(i32.lessOrEqual(i32.add(row, i32.constant(rows)), m), () => {
      write(rows);
      f.advance(row, rows);
    });
  }
}

/**
 * c[m, n] = a b, or c += a b, where row i of a is made of runs of neighbouring numbers: run s is the `length` numbers at
 * a + rowTable[i] + runTable[s]. Row i of c is at c + resultTable[i]. Tables hold byte offsets (int32). b, [runs * length, n],
 * is packed.
 *
 * A plain matrix has one run a row. The patches of a convolution have one run a filter row.
 */
export function productByRows(): AssembledFunction {
  const f = new AssembledFunction(11);
  const [a, rowTable, m, runTable, runs, length, b, n, c, resultTable, accumulate] = f.parameters;
  const k = f.local('i32', i32.mul(runs!, length!));
  const size = f.local('i32', bytes(length!));
  const locals = { v128: new TileLocals(f, 'v128'), f32: new TileLocals(f, 'f32') };
  const [starts, from] = [ROWS.map(() => f.local('i32')), ROWS.map(() => f.local('i32'))];
  const [row, bRow, run, end, to] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
  forEachPanel(f, k, n!, b!, (panel, column, start) => {
    const tile = locals[panel.ops.type];
    forEachRows(f, m!, row, (rows) => {
      const used = from.slice(0, rows);
      tile.clear(panel, rows);
      used.forEach((_, r) => f.set(starts[r]!, i32.add(a!, i32.load(at(rowTable!, row), 4 * r))));
      f.set(bRow, start);
      f.set(run, i32.constant(0));
      f.while(i32.less(run, runs!), () => {
        used.forEach((local, r) => f.set(local, i32.add(starts[r]!, i32.load(at(runTable!, run)))));
        f.set(end, i32.add(from[0]!, size));
        f.while(i32.less(from[0]!, end), () => {
          tile.multiplyAdd(panel, rows, bRow, (r) => panel.ops.spread(from[r]!));
          f.advance(bRow, 4 * panel.columns);
          for (const local of used) f.advance(local, 4);
        });
        f.advance(run, 1);
      });
      tile.write(panel, rows, accumulate!, to, (r) => at(i32.add(c!, i32.load(at(resultTable!, row), 4 * r)), column));
    });
  });
  return f;
}

/**
 * c[m, n] = a^T b, or c += a^T b, where row l of a, [k, m], is at a + rowTable[l] (byte offsets, int32). b, [k, n], is packed.
 */
export function productByColumns(): AssembledFunction {
  const f = new AssembledFunction(8);
  const [a, rowTable, k, m, b, n, c, accumulate] = f.parameters;
  const tableEnd = f.local('i32', at(rowTable!, k!));
  const locals = { v128: new TileLocals(f, 'v128'), f32: new TileLocals(f, 'f32') };
  const [row, bRow, first, from, entry, to] = [0, 1, 2, 3, 4, 5].map(() => f.local('i32')) as [Local, Local, Local, Local, Local, Local];
  forEachPanel(f, k!, n!, b!, (panel, column, start) => {
    const tile = locals[panel.ops.type];
    forEachRows(f, m!, row, (rows) => {
      tile.clear(panel, rows);
      f.set(first, at(a!, row));
      f.set(bRow, start);
      f.set(entry, rowTable!);
      f.while(i32.less(entry, tableEnd), () => {
        f.set(from, i32.add(first, i32.load(entry)));
        tile.multiplyAdd(panel, rows, bRow, (r) => panel.ops.spread(from, 4 * r));
        f.advance(bRow, 4 * panel.columns);
        f.advance(entry, 4);
      });
      tile.write(panel, rows, accumulate!, to, (r) => at(at(c!, i32.mul(i32.add(row, i32.constant(r)), n!)), column));
    });
  });
  return f;
}

/**
 * Packs b for the products: panel after panel (eight columns, then four, then one), each [k, columns] without gaps, so that a
 * panel is read in one sweep. Entry (l, j) of b is at b + l * rowStep + j * columnStep (bytes), so a transposed b can be packed, too.
 */
export function packPanels(): AssembledFunction {
  const f = new AssembledFunction(6);
  const [b, rowStep, columnStep, k, n, packed] = f.parameters;
  const [to, from, end] = [f.local('i32', packed!), f.local('i32'), f.local('i32')];
  const [first, entry] = [f.local('i32'), f.local('i32')];
  forEachPanel(f, k!, n!, i32.constant(0), ({ columns }, column) => {
    f.set(first, i32.add(b!, i32.mul(column, columnStep!)));
    f.set(from, first);
    f.set(end, i32.add(to, i32.mul(k!, i32.constant(4 * columns))));
    f.while(i32.less(to, end), () => {
      if (columns === 1) f.store(to, f32.load(from));
      else {
        f.when(
          i32.equal(columnStep!, i32.constant(4)),
          () => {
            for (let j = 0; j < columns; j += 4) f.store(to, f32x4.load(from, 4 * j), 4 * j);
          },
          () => {
            f.set(entry, from);
            for (let j = 0; j < columns; j++) {
              f.store(to, f32.load(entry), 4 * j);
              f.advance(entry, columnStep!);
            }
          },
        );
      }
      f.advance(to, 4 * columns);
      f.advance(from, rowStep!);
    });
  });
  return f;
}
