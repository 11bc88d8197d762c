/** Deleted; `-` and `/` become spaces. */
const MARKS = /[,.'!?"()*#:;~]/g;

/** As Python's `\w`: letters, numbers and the underscore of every script. */
const LETTERS = /(?<![\p{L}\p{N}_])[A-Za-z]+(?![\p{L}\p{N}_])/gu;

/**
 * The cleaning of captions that ALBEF and its heirs use: lower case, the marks , . ' ! ? " ( ) * # : ; ~ deleted, - and / to
 * spaces, `<person>` to `person`, several spaces to one, the first `words` words.
 */
export function cleanCaption(text: string, words = 50): string {
  const cleaned = text.toLowerCase().replace(MARKS, '').replace(/[-/]/g, ' ').replaceAll('<person>', 'person');
  return cleaned
    .replace(/\s{2,}/g, ' ')
    .trim()
    .split(' ')
    .slice(0, words)
    .join(' ');
}

/** The runs of ASCII letters that stand as words of their own, joined by spaces: what is glued to digits, `_` or other letters goes. */
export function lettersOnly(text: string): string {
  return (text.match(LETTERS) ?? []).join(' ');
}

/** What becomes of the marker `$T$` of a target in a text: it stays, or the target takes its place. */
export function placeTarget(text: string, target: string, marker = '$T$'): string {
  return text.replaceAll(marker, () => target);
}
