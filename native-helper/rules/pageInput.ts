/**
 * Reads what people type for the contents and places of pages: one meaning in the form of the
 * timeline, in the palette and wherever rules are edited. Pure: no Node, no DOM.
 */

/** A byte typed as `0x5a`, `90` or `'Z'`; else a sentence saying what is wrong. */
export function parseByte(text: string): number | string {
  const typed = text.trim();
  const character = /^'([\x20-\x7e])'$/.exec(typed)?.[1];
  if (character !== undefined) {
    return character.charCodeAt(0);
  }
  if (!/^(?:0x[0-9a-f]+|\d+)$/i.test(typed)) {
    return "The fill byte is a number such as 0x5a or 90, or a character such as 'Z'.";
  }
  const byte = Number(typed);
  return byte <= 255 ? byte : `${typed} is more than a byte holds: use 0 to 255 (0xff).`;
}

/**
 * Bytes typed as groups of hex digits, each of whole bytes and with or without 0x, with blanks
 * or commas between them: `de ad be ef`, `0xdeadbeef`, `0xde, 0xad`. Else a sentence.
 */
export function parseHexBytes(text: string): Uint8Array | string {
  const groups = text.split(/[\s,]+/).filter((group) => group !== '');
  const digits = groups.map((group) => group.replace(/^0x/i, ''));
  const wrong = /[^0-9a-f]/i.exec(digits.join(''));
  if (wrong !== null) {
    return `“${wrong[0]}” is no hex digit: type pairs such as de ad be ef.`;
  }
  const odd = digits.findIndex((group) => group.length % 2 !== 0 || group === '');
  if (odd !== -1) {
    return `“${groups[odd]!}” is no whole number of bytes: type two hex digits per byte.`;
  }
  return Uint8Array.from(digits.join('').match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** A whole number, decimal or `0x…`; undefined when it is none, or past 2^53. */
export function parseCount(text: string): number | undefined {
  const typed = text.trim();
  if (!/^(?:0x[0-9a-f]+|\d+)$/i.test(typed)) {
    return undefined;
  }
  const value = Number(typed);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** An address in hex, with or without 0x, of 64 bits at most; undefined when it is none. */
export function parseAddress(text: string): bigint | undefined {
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(text.trim())?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}
