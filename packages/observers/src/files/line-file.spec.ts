import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EquimodalError } from '@equimodal/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LineFile } from './line-file.js';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'line-file-'));
  path = join(dir, 'below', 'lines.txt');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function written(lines: readonly string[]): LineFile {
  const file = new LineFile(path);
  for (const line of lines) file.append(line);
  file.flush();
  return file;
}

describe('LineFile', () => {
  it('holds lines back until the buffer is full', () => {
    const file = new LineFile(path, 10);
    file.append('1234');
    expect(existsSync(path)).toBe(false);
    file.append('5678');
    expect(readFileSync(path, 'utf8')).toBe('1234\n5678\n');
    file.close();
  });

  it('counts bytes, not characters, and only what is written', () => {
    const file = written(['é', '語']);
    file.append('waiting');
    expect(file.bytes).toBe(7);
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('é\n語\nwaiting\n');
  });

  it('drops what an earlier attempt left', () => {
    written(['old', 'older']).close();
    written(['new']).close();
    expect(readFileSync(path, 'utf8')).toBe('new\n');
  });

  it('continues at the end if asked to', () => {
    written(['one']).close();
    const file = new LineFile(path);
    file.open('continue');
    file.append('two');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it('cuts what came after the checkpoint', () => {
    const file = written(['one', 'two']);
    const { bytes } = file;
    file.append('lost with the process');
    file.close();
    const resumed = new LineFile(path);
    resumed.restore(bytes);
    resumed.append('three');
    resumed.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
  });

  it.each(['shorter', 'missing'])('refuses a %s file instead of leaving a gap', (kind) => {
    const file = written(['one', 'two']);
    file.close();
    if (kind === 'shorter') writeFileSync(path, 'one\n');
    else rmSync(path);
    try {
      new LineFile(path).restore(file.bytes);
      expect.unreachable();
    } catch (error) {
      expect((error as EquimodalError).code).toBe('EQM_CHECKPOINT_MISMATCH');
      expect((error as EquimodalError).where).toBe(path);
    }
  });

  it('restores nothing where nothing was written', () => {
    const file = new LineFile(path);
    file.restore(0);
    file.append('first');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('first\n');
  });

  it('makes no file where there is nothing to write', () => {
    new LineFile(path).close();
    expect(existsSync(path)).toBe(false);
  });
});
