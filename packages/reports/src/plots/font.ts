import { fileURLToPath } from 'node:url';

/** The bundled font first, so that pictures are the same on every machine; then what a viewer has. */
export const FONT_FAMILY = "'Equimodal Sans', Inter, 'Helvetica Neue', Arial, sans-serif";

/** The bundled font files (subsets of Inter, SIL Open Font License). */
export const FONT_FILES = ['regular', 'semibold'].map((weight) =>
  fileURLToPath(new URL(`../../assets/fonts/equimodal-sans-${weight}.otf`, import.meta.url)),
);

// Advance widths of U+0020 to U+007E in thousandths of the font size.
const REGULAR = [
  281, 278, 403, 631, 638, 812, 639, 222, 362, 362, 500, 659, 280, 460, 276, 357, 625, 464, 605, 636, 642, 608, 624, 571, 616, 624, 276,
  280, 659, 659, 659, 507, 936, 676, 651, 727, 719, 598, 587, 743, 740, 264, 543, 652, 562, 889, 753, 761, 635, 761, 639, 638, 642, 741,
  676, 949, 642, 665, 625, 362, 357, 362, 469, 452, 497, 564, 621, 558, 621, 582, 361, 609, 591, 237, 237, 544, 237, 869, 585, 597, 609,
  609, 372, 523, 364, 581, 557, 812, 540, 557, 541, 362, 327, 362, 659,
];
const SEMIBOLD = [
  248, 309, 396, 643, 649, 844, 663, 213, 393, 393, 543, 673, 295, 466, 290, 379, 667, 481, 621, 652, 666, 632, 648, 587, 646, 648, 290,
  295, 673, 673, 673, 544, 999, 724, 657, 744, 724, 608, 586, 755, 744, 275, 561, 677, 566, 906, 741, 775, 643, 776, 651, 649, 660, 734,
  724, 1007, 690, 705, 653, 393, 379, 393, 481, 468, 497, 575, 630, 577, 630, 593, 377, 625, 613, 261, 261, 569, 261, 898, 610, 608, 625,
  625, 397, 549, 380, 608, 576, 837, 562, 576, 562, 393, 358, 393, 673,
];

/** Width of a text in pixels, set in the bundled font at `size` pixels. Letters outside ASCII count as wide ones. */
export function textWidth(text: string, size: number, semibold = false): number {
  const widths = semibold ? SEMIBOLD : REGULAR;
  const units = [...text].reduce((total, letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return total + (widths[code - 32] ?? (code > 0x2e80 ? 1000 : 660));
  }, 0);
  return (units * size) / 1000;
}

/** Cuts a text with an ellipsis so that it is no wider than `limit` pixels. */
export function fitText(text: string, size: number, limit: number): string {
  if (textWidth(text, size) <= limit) return text;
  const letters = [...text];
  while (letters.length > 1 && textWidth(`${letters.join('')}…`, size) > limit) letters.pop();
  return `${letters.join('')}…`;
}

/** True when the bundled font has every letter of the text (Latin, Greek, Cyrillic, punctuation, arrows). */
export function isCovered(text: string): boolean {
  return !/[^\s\u0020-\u007e\u00a0-\u017f\u0370-\u03ff\u0400-\u045f\u2010-\u2027\u2030\u2032\u2033\u20ac\u2190-\u2193\u2212\u2248\u2260\u2264\u2265]/u.test(
    text,
  );
}
