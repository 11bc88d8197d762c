import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { LineFile } from '../files/line-file.js';

/** A cell: text, a number, or empty. */
export type Cell = string | number | boolean | null | undefined;
export type Row = Readonly<Record<string, Cell>>;

/** One cell as RFC 4180 has it: quoted where it must be, empty for nothing, 1 and 0 for truth values. */
export function formatCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  const text = typeof cell === 'boolean' ? (cell ? '1' : '0') : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The cells of one line of text. */
export function parseLine(line: string): string[] {
  return Array.from(
    `,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g),
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

/** What a resumed run needs to continue a table. */
export interface TableState {
  readonly bytes: number;
  readonly columns: readonly string[] | null;
}

/** A CSV file whose columns are those of its first row. */
export class CsvTable {
  readonly #file: LineFile;
  readonly #ignored = new Set<string>();
  #columns: readonly string[] | undefined;

  constructor(path: string) {
    this.#file = new LineFile(path);
  }

  get name(): string {
    return basename(this.#file.path);
  }

  open(mode: 'fresh' | 'continue'): void {
    const { path } = this.#file;
    if (mode === 'continue' && this.#columns === undefined && existsSync(path)) {
      const [header] = readFileSync(path, 'utf8').split('\n', 1);
      if (header !== undefined && header !== '') this.#columns = parseLine(header);
    }
    this.#file.open(mode);
  }

  /** Writes a row. Returns the columns that it has, the table lacks, and were not told before. */
  row(row: Row): string[] {
    if (this.#columns === undefined) {
      this.#columns = Object.keys(row);
      this.#file.append(this.#columns.map(formatCell).join(','));
    }
    this.#file.append(this.#columns.map((column) => formatCell(row[column])).join(','));
    const known = new Set(this.#columns);
    const added = Object.keys(row).filter((column) => !known.has(column) && !this.#ignored.has(column));
    for (const column of added) this.#ignored.add(column);
    return added;
  }

  write(): void {
    this.#file.write();
  }

  flush(): void {
    this.#file.flush();
  }

  close(): void {
    this.#file.close();
  }

  /** What is on disk; columns only once their header is. */
  state(): TableState {
    const { bytes } = this.#file;
    return { bytes, columns: bytes === 0 ? null : (this.#columns ?? null) };
  }

  restore({ bytes, columns }: TableState): void {
    this.#file.restore(bytes);
    this.#columns = columns ?? undefined;
  }
}
