/**
 * What was typed into the resolve form, and its meaning as a request. Each wrong field
 * gets one sentence; the helper checks everything again.
 */
import { basePageBytes } from '../../native-helper/abi/uffdAbi.ts';
import type { PageSourceDto } from '../../native-helper/protocol/files.ts';
import type { ResolveActionDto } from '../../native-helper/protocol/ioctls.ts';
import { type FaultKind } from '../../native-helper/rules/faultRule.ts';
import { parseAddress, parseByte, parseCount, parseHexBytes } from '../../native-helper/rules/pageInput.ts';
import { type ChosenFileDto } from '../protocol.ts';
import { type FaultOrder } from './actTargets.ts';
import { toBase64 } from './base64.ts';
import { formatBytes } from './duration.ts';
import { type FaultPage } from './faultRange.ts';
import { type IoctlChoice } from './ioctlChoice.ts';

/** The form's fields as typed. */
export interface ResolveInput {
  /** Chosen for faults of each kind; a kind left out has the default. */
  readonly ioctls: Readonly<Partial<Record<FaultKind, IoctlChoice>>>;
  readonly source: PageSourceDto['kind'];
  readonly fillByte: string;
  /** Bytes of a pattern or of given contents, in `format`. */
  readonly bytes: string;
  readonly format: 'hex' | 'text';
  readonly file: ChosenFileDto | null;
  readonly fileOffset: string;
  /** Null until it is typed: the start of the range. */
  readonly imageBase: string | null;
  readonly targetAddress: string;
  /** Where MOVE takes pages from. */
  readonly moveSource: string;
  /** MOVE passes over pages that the source does not have. */
  readonly allowHoles: boolean;
  readonly lengthPages: string;
  readonly around: boolean;
  readonly dontWake: boolean;
  readonly wp: boolean;
  /** In which several faults are resolved and woken. */
  readonly order: FaultOrder;
}

export const initialResolveInput: ResolveInput = {
  ioctls: {},
  source: 'fill',
  fillByte: '0x00',
  bytes: '',
  format: 'hex',
  file: null,
  fileOffset: '0',
  imageBase: null,
  targetAddress: '',
  moveSource: '',
  allowHoles: false,
  lengthPages: '1',
  around: false,
  dontWake: false,
  wp: false,
  order: 'oldest',
};

/** What decides the meaning of the fields besides themselves. */
export interface ResolvePlace {
  readonly ioctl: IoctlChoice;
  /** Whether mode WP is to be had. */
  readonly allowsWp: boolean;
  /** The page of the fault; undefined when no known range holds it. */
  readonly page: FaultPage | undefined;
}

export interface ResolvePlan {
  readonly action: ResolveActionDto;
  readonly lengthPages: number;
  readonly around: boolean;
}
export type ResolveField =
  'fillByte' | 'bytes' | 'file' | 'fileOffset' | 'imageBase' | 'targetAddress' | 'moveSource' | 'lengthPages';
export type ResolveErrors = Readonly<Partial<Record<ResolveField, string>>>;
export type ResolveReading =
  | { readonly plan: ResolvePlan; readonly errors?: undefined }
  | { readonly plan?: undefined; readonly errors: ResolveErrors };
export type SourceReading = PageSourceDto | { readonly errors: ResolveErrors };

/** Reads the form for the page of a fault. */
export function readResolveInput(input: ResolveInput, place: ResolvePlace): ResolveReading {
  const { page } = place;
  // MOVE takes pages for the fault's and those behind it.
  const around = input.around && place.ioctl !== 'move';
  const lengthPages = parseLengthPages(input.lengthPages, around ? Infinity : (page?.pagesLeft ?? Infinity));
  const lengthBytes =
    typeof lengthPages === 'number' ? lengthPages * (page?.range.pageBytes ?? Infinity) : Infinity;
  const action = readAction(input, place, lengthBytes);
  if (typeof lengthPages === 'string') {
    return { errors: { ...('errors' in action ? action.errors : {}), lengthPages } };
  }
  return 'errors' in action ? action : { plan: { action, lengthPages, around } };
}

function readAction(
  input: ResolveInput,
  place: ResolvePlace,
  lengthBytes: number,
): ResolveActionDto | { readonly errors: ResolveErrors } {
  const { dontWake } = input;
  const { ioctl } = place;
  const wp = input.wp && place.allowsWp;
  switch (ioctl) {
    case 'copy': {
      const source = readSource(input, place, lengthBytes);
      return 'errors' in source ? source : { ioctl, source, dontWake, wp };
    }
    case 'continue':
      return { ioctl, dontWake, wp };
    case 'zeropage':
    case 'poison':
      return { ioctl, dontWake };
    case 'unprotect':
      return { ioctl: 'writeprotect', protect: false, dontWake };
    case 'protect':
      // Arming wakes nobody, and the kernel refuses DONTWAKE with it.
      return { ioctl: 'writeprotect', protect: true, dontWake: false };
    case 'move': {
      const source = readMoveSource(input);
      return typeof source === 'string' ? { ioctl, source, dontWake, allowHoles: input.allowHoles } : source;
    }
  }
}

/** The page that MOVE begins with, as a hex address. */
export function readMoveSource({ moveSource }: ResolveInput): string | { readonly errors: ResolveErrors } {
  const address = parseAddress(moveSource);
  return address === undefined || address % BigInt(basePageBytes) !== 0n
    ? {
        errors: {
          moveSource: 'Type the address of a page to take away, in hex, such as 0x7f0000001000.',
        },
      }
    : `0x${address.toString(16)}`;
}

function parseLengthPages(text: string, pagesLeft: number): number | string {
  const pages = parseCount(text);
  if (pages === undefined || pages < 1) {
    return 'The length is a whole number of pages, 1 or more.';
  }
  if (pages > pagesLeft) {
    return `The range ends after ${pagesLeft} ${pagesLeft === 1 ? 'page' : 'pages'} from here: ask for at most that.`;
  }
  return pages;
}

/** Reads the fields of the chosen source; `lengthBytes` are to be provided for each fault. */
export function readSource(input: ResolveInput, place: ResolvePlace, lengthBytes: number): SourceReading {
  switch (input.source) {
    case 'fill': {
      const byte = parseByte(input.fillByte);
      return typeof byte === 'number' ? { kind: 'fill', byte } : { errors: { fillByte: byte } };
    }
    case 'pattern':
    case 'bytes':
      return readTyped(input.source, input, lengthBytes);
    case 'file':
      return readFile(input);
    case 'image':
      return readImage(input, place);
    case 'target': {
      const address = parseAddress(input.targetAddress);
      return address === undefined
        ? {
            errors: {
              targetAddress: 'Type the address of the page to copy, in hex, such as 0x7f0000001000.',
            },
          }
        : { kind: 'target', address: `0x${address.toString(16)}` };
    }
  }
}

function readTyped(kind: 'pattern' | 'bytes', input: ResolveInput, lengthBytes: number): SourceReading {
  const bytes = input.format === 'hex' ? parseHexBytes(input.bytes) : new TextEncoder().encode(input.bytes);
  if (typeof bytes === 'string') {
    return { errors: { bytes } };
  }
  if (bytes.length === 0) {
    return { errors: { bytes: 'Type at least one byte.' } };
  }
  if (bytes.length > lengthBytes) {
    const text = `${bytes.length} bytes are more than the ${lengthBytes} to be provided: raise the length.`;
    return { errors: { bytes: text } };
  }
  return { kind, bytes: toBase64(bytes) };
}

const noFile = 'Choose the file first.';

function readFile({ file, fileOffset }: ResolveInput): SourceReading {
  const offsetBytes = parseCount(fileOffset);
  const errors: ResolveErrors = {
    ...(file === null ? { file: noFile } : {}),
    ...(offsetBytes === undefined
      ? { fileOffset: 'The offset is a whole number of bytes, such as 4096 or 0x1000.' }
      : file !== null && offsetBytes >= file.sizeBytes
        ? { fileOffset: `The file ends before: it has ${formatBytes(file.sizeBytes)}.` }
        : {}),
  };
  return file === null || offsetBytes === undefined || Object.keys(errors).length > 0
    ? { errors }
    : { kind: 'file', file: { fileId: file.fileId }, offsetBytes };
}

function readImage({ file, imageBase }: ResolveInput, { page }: ResolvePlace): SourceReading {
  const base = parseAddress(imageBase ?? page?.range.start ?? '');
  const errors: ResolveErrors = {
    ...(file === null ? { file: noFile } : {}),
    ...(base === undefined
      ? { imageBase: 'Type the address at which the file’s first byte belongs, in hex.' }
      : page !== undefined && base > page.page
        ? { imageBase: `The page at 0x${page.page.toString(16)} lies before the image: type a lower base.` }
        : {}),
  };
  return file === null || base === undefined || Object.keys(errors).length > 0
    ? { errors }
    : { kind: 'image', file: { fileId: file.fileId }, base: `0x${base.toString(16)}` };
}
