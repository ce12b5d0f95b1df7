/** Reads what people type for page contents and ranges. Pure: no VS Code. */
import type { Hex } from '../../native-helper/protocol.ts';

/** A byte as `0x5a`, `90` or `'Z'`; undefined when it is none of these or above 255. */
export function parseByte(text: string): number | undefined {
  const trimmed = text.trim();
  const character = /^'([\x20-\x7e])'$/.exec(trimmed)?.[1];
  if (character !== undefined) {
    return character.charCodeAt(0);
  }
  const value = parseCount(trimmed);
  return value === undefined || value > 255 ? undefined : value;
}

/**
 * Bytes as hex pairs (`de ad be ef`, `0xdeadbeef`, `0xde, 0xad`) or as quoted text
 * (`"hello"`, in UTF-8). Undefined when it is neither, or empty.
 */
export function parseBytes(text: string): Uint8Array | undefined {
  const quoted = /^"(.+)"$/su.exec(text.trim())?.[1];
  if (quoted !== undefined) {
    return new TextEncoder().encode(quoted);
  }
  const groups = text.split(/[\s,]+/).filter((group) => group !== '');
  const digits = groups.map((group) => group.replace(/^0x/i, ''));
  if (digits.length === 0 || !digits.every((group) => /^(?:[0-9a-f]{2})+$/i.test(group))) {
    return undefined;
  }
  return new Uint8Array(Buffer.from(digits.join(''), 'hex'));
}

/** A whole number from 1 to `most`, decimal or `0x…`. */
export function parsePages(text: string, most: number): number | undefined {
  const value = parseCount(text.trim());
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
  const match = /^\s*(?:0x)?([0-9a-f]{1,16})\s*([-+])\s*(\S+)\s*$/i.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, startDigits, sign, second] = match as unknown as [string, string, string, string];
  const start = BigInt(`0x${startDigits}`);
  const lengthBytes = sign === '+' ? parseCount(second) : lengthTo(second, start);
  if (lengthBytes === undefined || lengthBytes < 1 || start + BigInt(lengthBytes) > 1n << 64n) {
    return undefined;
  }
  return { start: `0x${start.toString(16)}`, lengthBytes };
}

function lengthTo(end: string, start: bigint): number | undefined {
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(end)?.[1];
  return digits === undefined ? undefined : safeNumber(BigInt(`0x${digits}`) - start);
}

function parseCount(text: string): number | undefined {
  return /^(?:\d+|0x[0-9a-f]+)$/i.test(text) ? safeNumber(BigInt(text)) : undefined;
}

function safeNumber(value: bigint): number | undefined {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : undefined;
}
