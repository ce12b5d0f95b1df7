/** Reads what people type in the palette; what is wrong is said in a sentence. Pure: no VS Code. */
import { parseAddress, parseCount, parseHexBytes } from '../../native-helper/rules/pageInput.ts';
import type { Hex } from '../../native-helper/protocol/conventions.ts';

/** Bytes as hex pairs (`de ad be ef`, `0xdeadbeef`) or as text in double quotes (UTF-8); else a sentence. */
export function parseBytes(text: string): Uint8Array | string {
  const quoted = /^"(.+)"$/su.exec(text.trim())?.[1];
  if (quoted !== undefined) {
    return new TextEncoder().encode(quoted);
  }
  const bytes = parseHexBytes(text);
  return typeof bytes === 'string' || bytes.length > 0
    ? bytes
    : 'There is no byte: type hex digits such as de ad be ef, or text in double quotes.';
}

/** A whole number from 1 to `most`, decimal or `0x…`. */
export function parsePages(text: string, most: number): number | undefined {
  const value = parseCount(text);
  return value === undefined || value < 1 || value > most ? undefined : value;
}

export interface AddressRange {
  readonly start: Hex;
  readonly lengthBytes: number;
}

/**
 * A range as `START-END` (hex as in /proc/PID/maps), or `START+LENGTH`, where the length
 * is decimal or `0x…` bytes. Undefined when it is neither, empty, or past 64 bits.
 */
export function parseRange(text: string): AddressRange | undefined {
  const [, startText, sign, second] = /^([^-+]*)([-+])([^-+]*)$/.exec(text) ?? [];
  const start = parseAddress(startText ?? '');
  if (start === undefined || second === undefined) {
    return undefined;
  }
  const lengthBytes = sign === '+' ? parseCount(second) : lengthTo(second, start);
  if (lengthBytes === undefined || lengthBytes < 1 || start + BigInt(lengthBytes) > 1n << 64n) {
    return undefined;
  }
  return { start: hexOf(start), lengthBytes };
}

/** An address as it is written and sent: `0x7f0000001000`. */
export function hexOf(address: bigint): Hex {
  return `0x${address.toString(16)}`;
}

function lengthTo(endText: string, start: bigint): number | undefined {
  const end = parseAddress(endText);
  return end === undefined || end - start > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(end - start);
}
