/** A program and its arguments as people type them: the quoting of a shell, and none of its expansions. Pure. */

/**
 * Splits at blanks outside quotes. A backslash takes the next character as it is, within double
 * quotes only `"` and `\`.
 * @returns the words, or a sentence that says what is wrong
 */
export function splitWords(text: string): string[] | string {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    const next = text[i + 1];
    if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) {
        words.push(word);
        word = undefined;
      }
    } else if (character === quote) {
      quote = '';
    } else if (quote === '' && (character === "'" || character === '"')) {
      quote = character;
      word ??= '';
    } else if (character === '\\' && (quote === '' || (quote === '"' && (next === '"' || next === '\\')))) {
      if (next === undefined) {
        return 'The backslash at the end has no character behind it.';
      }
      word = (word ?? '') + next;
      i++;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') {
    return `A quote ${quote} is not closed.`;
  }
  return word === undefined ? words : [...words, word];
}

/** The text that `splitWords` makes these words of. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
