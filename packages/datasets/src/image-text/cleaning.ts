/** How the text of a post is cleaned before it is taken apart into tokens. */
export type Cleaning = 'none' | 'lowercase' | 'caption' | 'letters';

const LONGEST_CAPTION = 50;
/** Letters of every script bound a word, as in Python: beside one of them a run of ASCII letters is no word. */
const WORD = /(?<![\p{L}\p{N}_])[A-Za-z]+(?![\p{L}\p{N}_])/gu;

/**
 * Cleaned text:
 * - `lowercase`: lower case;
 * - `caption`: lower case; `, . ' ! ? " ( ) * # : ; ~` deleted, `-` and `/` blanks, `<person>` person, blanks joined, at most 50 words;
 * - `letters`: whole words of ASCII letters alone (`$T$` leaves t, `@user` user; digits and what is glued to them vanish), then `caption`.
 */
export function cleanText(text: string, cleaning: Cleaning): string {
  switch (cleaning) {
    case 'none':
      return text;
    case 'lowercase':
      return text.toLowerCase();
    case 'caption':
      return caption(text);
    case 'letters':
      return caption((text.match(WORD) ?? []).join(' '));
  }
}

function caption(text: string): string {
  const cleaned = text
    .toLowerCase()
    .replace(/[,.'!?"()*#:;~]/g, '')
    .replace(/[-/]/g, ' ')
    .replaceAll('<person>', 'person')
    .replace(/\s{2,}/g, ' ')
    .trim();
  return cleaned.split(' ').slice(0, LONGEST_CAPTION).join(' ');
}

/** Where the target of an opinion goes, which the text marks by `$T$`. */
export type TargetRule = 'pair' | 'replace' | 'as-is';

/** Text and pair of a post: the target beside the text, in the place of its mark, or not at all. */
export function withTarget(text: string, target: string | undefined, rule: TargetRule): { readonly text: string; readonly pair?: string } {
  if (target === undefined || rule === 'as-is') return { text };
  return rule === 'pair' ? { text, pair: target } : { text: text.replaceAll('$T$', () => target) };
}
