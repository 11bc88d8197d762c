import { malformed } from './bytes.js';

/** UTF-8 text without its byte-order mark. @throws EQM_DATA_MALFORMED naming the line of the first byte that is not UTF-8. */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw malformed(file, `line ${lineOfFault(bytes)}`, 'the text is not UTF-8', cause);
  }
}

/** Lines as they stand between LF or CRLF; the end of the last line makes no line of its own. */
export function textLines(bytes: Uint8Array, file: string): string[] {
  const lines = decodeText(bytes, file).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function lineOfFault(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(10, start);
    const piece = bytes.subarray(start, end < 0 ? bytes.length : end);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(piece);
    } catch {
      return line;
    }
    start += piece.length + 1;
  }
  return line;
}
