import { GrowingFile } from './growing-file.js';

/** A text file that grows by whole lines. */
export class LineFile extends GrowingFile {
  append(line: string): void {
    this.add(Buffer.from(`${line}\n`));
  }
}
