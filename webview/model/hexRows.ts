/**
 * A page's bytes as lines of a hex dump, beside other bytes of the same place: where the two
 * differ, a line of each.
 */

/** Whose bytes a line holds: both alike or only one known, what the source gives, what the page holds. */
export type HexOrigin = 'only' | 'source' | 'page';

export interface HexRow {
  /** Offset of its first byte. */
  readonly offset: number;
  readonly origin: HexOrigin;
}

/** The lines of the first `lengthBytes` bytes. */
export function hexRows(
  source: Uint8Array | null,
  page: Uint8Array | null,
  bytesPerRow: number,
  lengthBytes: number,
): HexRow[] {
  const rows: HexRow[] = [];
  const end = Math.min(lengthBytes, Math.max(source?.length ?? 0, page?.length ?? 0));
  for (let offset = 0; offset < end; offset += bytesPerRow) {
    if (source !== null && page !== null && differsIn(source, page, offset, offset + bytesPerRow)) {
      rows.push({ offset, origin: 'source' }, { offset, origin: 'page' });
    } else {
      rows.push({ offset, origin: 'only' });
    }
  }
  return rows;
}

/** Whether the byte at `offset` is another one in the two; never when one of them is not known. */
export function differsAt(source: Uint8Array | null, page: Uint8Array | null, offset: number): boolean {
  return source !== null && page !== null && source[offset] !== page[offset];
}

function differsIn(source: Uint8Array, page: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (source[at] !== page[at]) {
      return true;
    }
  }
  return false;
}

/** Number of bytes that differ, and the offset of the first; null when one side is not known. */
export function difference(
  source: Uint8Array | null,
  page: Uint8Array | null,
): { readonly count: number; readonly first: number } | null {
  if (source === null || page === null) {
    return null;
  }
  let count = 0;
  let first = -1;
  for (let at = 0; at < Math.max(source.length, page.length); at++) {
    if (source[at] !== page[at]) {
      first = first === -1 ? at : first;
      count++;
    }
  }
  return { count, first };
}

export function hexByte(byte: number | undefined): string {
  return byte === undefined ? '  ' : byte.toString(16).padStart(2, '0');
}

/** The byte as a printable ASCII character, a dot for all others. */
export function asciiOf(byte: number | undefined): string {
  return byte === undefined ? ' ' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

/** Characters of one line: sign, offset, pairs of bytes with a blank between them, ASCII. */
export function rowCharacters(bytesPerRow: number, offsetDigits: number): number {
  return 2 + offsetDigits + 1 + bytesPerRow * 2 + bytesPerRow / 2 + bytesPerRow;
}
