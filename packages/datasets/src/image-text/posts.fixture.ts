import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoadedDataset, Piece } from '@equimodal/core';
import sharp from 'sharp';
import { expect } from 'vitest';
import { contextOf } from '../data-root.fixture.js';

/** Writes a file below a folder, with the folders it needs. */
export function writeBelow(root: string, name: string, content: string | Uint8Array): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** A small JPEG of one colour. */
export function jpeg(red: number, green: number, blue: number): Promise<Uint8Array> {
  return sharp({ create: { width: 12, height: 9, channels: 3, background: { r: red, g: green, b: blue } } })
    .jpeg({ quality: 100 })
    .toBuffer();
}

/** Loads a dataset with options as they stand in a file. */
export function loadPiece(piece: Piece<'dataset'>, options: object, root: string | undefined): Promise<LoadedDataset> {
  return piece.create(piece.options.strict().parse(options), contextOf(root), { resolve: () => expect.unreachable() }).load();
}

/** The words of a row of tokens. */
export async function wordsOf(
  data: LoadedDataset,
  split: 'train' | 'validation' | 'test',
  row: number,
  modality = 'text',
): Promise<string> {
  const ids = (await data.splits[split]!.read(Int32Array.of(row)))[modality]!;
  return Array.from(
    ids.filter((id) => id !== 0),
    (id) => data.vocabularies![modality]![id]!,
  ).join(' ');
}
