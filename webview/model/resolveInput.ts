/**
 * What was typed into the resolve form, and its meaning as a request. Each wrong field
 * gets one sentence; the helper checks everything again.
 */
import { type PageSourceDto, type ResolveActionDto } from '../../native-helper/protocol.ts';

/** The form's fields as typed. */
export interface ResolveInput {
  readonly ioctl: 'copy' | 'zeropage';
  readonly source: PageSourceDto['kind'];
  readonly fillByte: string;
  /** Bytes of a pattern or of given contents, in `format`. */
  readonly bytes: string;
  readonly format: 'hex' | 'text';
  readonly lengthPages: string;
  readonly dontWake: boolean;
}

export const initialResolveInput: ResolveInput = {
  ioctl: 'copy',
  source: 'fill',
  fillByte: '0x00',
  bytes: '',
  format: 'hex',
  lengthPages: '1',
  dontWake: false,
};

export interface ResolvePlan {
  readonly action: ResolveActionDto;
  readonly lengthPages: number;
}
export type ResolveErrors = Readonly<Partial<Record<'fillByte' | 'bytes' | 'lengthPages', string>>>;
export type ResolveReading =
  | { readonly plan: ResolvePlan; readonly errors?: undefined }
  | { readonly plan?: undefined; readonly errors: ResolveErrors };

/** Reads the form for a page with `pagesLeft` pages of `pageBytes` to the end of its range. */
export function readResolveInput(
  input: ResolveInput,
  page: { readonly pagesLeft: number; readonly pageBytes: number } | undefined,
): ResolveReading {
  const lengthPages = parseLengthPages(input.lengthPages, page?.pagesLeft ?? Infinity);
  const lengthBytes =
    typeof lengthPages === 'number' ? lengthPages * (page?.pageBytes ?? Infinity) : Infinity;
  const source = input.ioctl === 'copy' ? readSource(input, lengthBytes) : undefined;
  const sourceErrors = source !== undefined && 'errors' in source ? source.errors : {};
  if (typeof lengthPages === 'string') {
    return { errors: { ...sourceErrors, lengthPages } };
  }
  if (source !== undefined && 'errors' in source) {
    return { errors: sourceErrors };
  }
  const action: ResolveActionDto =
    source === undefined
      ? { ioctl: 'zeropage', dontWake: input.dontWake }
      : { ioctl: 'copy', source, dontWake: input.dontWake };
  return { plan: { action, lengthPages } };
}

function parseLengthPages(text: string, pagesLeft: number): number | string {
  const pages = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
  if (!Number.isSafeInteger(pages) || pages < 1) {
    return 'The length is a whole number of pages, 1 or more.';
  }
  if (pages > pagesLeft) {
    return `The range ends after ${pagesLeft} ${pagesLeft === 1 ? 'page' : 'pages'} from here: ask for at most that.`;
  }
  return pages;
}

function readSource(
  input: ResolveInput,
  lengthBytes: number,
): PageSourceDto | { readonly errors: ResolveErrors } {
  if (input.source === 'fill') {
    const byte = parseByte(input.fillByte);
    return typeof byte === 'number' ? { kind: 'fill', byte } : { errors: { fillByte: byte } };
  }
  const bytes = input.format === 'hex' ? parseHex(input.bytes) : new TextEncoder().encode(input.bytes);
  if (typeof bytes === 'string') {
    return { errors: { bytes } };
  }
  if (bytes.length === 0) {
    return { errors: { bytes: 'Type at least one byte.' } };
  }
  if (bytes.length > lengthBytes) {
    return {
      errors: {
        bytes: `${bytes.length} bytes are more than the ${lengthBytes} to be provided: raise the length.`,
      },
    };
  }
  return { kind: input.source, bytes: toBase64(bytes) };
}

/** A byte typed as `0x41`, `65` or `'A'`; else a sentence saying what is wrong. */
export function parseByte(text: string): number | string {
  const typed = text.trim();
  const quoted = /^(['"])([\x20-\x7e])\1$/.exec(typed);
  if (quoted !== null) {
    return quoted[2]!.charCodeAt(0);
  }
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(typed)) {
    return "The fill byte is a number such as 0x41 or 65, or a character such as 'A'.";
  }
  const byte = Number(typed);
  return byte <= 255 ? byte : `${typed} is more than a byte holds: use 0 to 255 (0xff).`;
}

/**
 * Bytes typed as groups of hex digits, each of whole bytes and with or without 0x, with blanks
 * or commas between them; else a sentence.
 */
export function parseHex(text: string): Uint8Array | string {
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

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
