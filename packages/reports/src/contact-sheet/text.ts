import { fitText, textWidth } from '../plots/font.js';

/**
 * Text of token ids: pieces of the vocabulary joined as word pieces (`##` continues a word) and byte pairs (`</w>` ends one) are, padding
 * (zeros at the end) left out. Without a vocabulary the ids themselves.
 */
export function tokenText(ids: Int32Array | Float32Array, vocabulary: readonly string[] | undefined): string {
  let length = ids.length;
  while (length > 0 && ids[length - 1] === 0) length--;
  const used = Array.from(ids.subarray(0, length));
  if (vocabulary === undefined) return used.join(' ');
  const pieces = used.map((id) => vocabulary[id] ?? `[${id}]`);
  if (pieces.some((piece) => piece.endsWith('</w>'))) return pieces.join('').replaceAll('</w>', ' ').trim();
  return pieces.join(' ').replaceAll(' ##', '');
}

/** Lines no wider than `width` pixels and no more than `most`; what does not fit ends in an ellipsis. */
export function wrapText(text: string, size: number, width: number, most: number): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== '' && lines.length < most) {
    if (lines.length === most - 1) return [...lines, fitText(rest, size, width)];
    const words = rest.split(' ');
    let count = 1;
    while (count < words.length && textWidth(words.slice(0, count + 1).join(' '), size) <= width) count++;
    lines.push(fitText(words.slice(0, count).join(' '), size, width));
    rest = words.slice(count).join(' ');
  }
  return lines;
}
