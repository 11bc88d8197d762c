import { messageOf } from '@equimodal/core';
import { malformed, readBytes } from './bytes.js';
import { decodeText, textLines } from './text.js';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Parses a JSON document (UTF-8, optional byte-order mark).
 *
 * @throws EQM_DATA_MALFORMED with what is wrong and where.
 */
export function parseJson(bytes: Uint8Array, file: string): JsonValue {
  return parse(decodeText(bytes, file), file, '');
}

/** Parses one JSON value a line; empty lines are skipped. @throws EQM_DATA_MALFORMED naming the line. */
export function parseJsonLines(bytes: Uint8Array, file: string): JsonValue[] {
  return textLines(bytes, file).flatMap((line, i) => (line.trim() === '' ? [] : [parse(line, file, `line ${i + 1}`)]));
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readJson(path: string): JsonValue {
  return parseJson(readBytes(path), path);
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readJsonLines(path: string): JsonValue[] {
  return parseJsonLines(readBytes(path), path);
}

function parse(text: string, file: string, place: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    const position = /position (\d+)/.exec(messageOf(cause))?.[1];
    const line = position === undefined ? '' : `line ${text.slice(0, Number(position)).split('\n').length}`;
    throw malformed(file, place === '' ? line : place, `not JSON: ${messageOf(cause)}`, cause);
  }
}
