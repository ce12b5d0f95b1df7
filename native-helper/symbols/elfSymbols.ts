/**
 * Function symbols of an ELF file (elf(5)): 64-bit, little-endian, as on x86-64 and arm64. Pure:
 * whoever asks may read the file, and gives its bytes. Malformed files have no symbols.
 */

/** Bytes of the file; fewer, or none, where it ends. */
export type ElfReader = (offset: number, lengthBytes: number) => Uint8Array;

export interface ElfSymbol {
  readonly name: string;
  /** From the function's start. */
  readonly offsetBytes: number;
  /** Virtual address in the file's own numbers, as addr2line(1) takes it. */
  readonly virtualAddress: bigint;
}

const headerBytes = 64;
const programHeaderBytes = 56;
const sectionHeaderBytes = 64;
const symbolBytes = 24;
const PT_LOAD = 1;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const STT_FUNC = 2;
/** Tables larger than any real one are taken as malformed. */
const mostTableBytes = 256 * 2 ** 20;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** Of a symbol table: index of its string table. */
  readonly link: number;
}

/** The function that the code at an offset of the file belongs to; undefined when no symbol says. */
export function symbolAt(read: ElfReader, fileOffset: bigint): ElfSymbol | undefined {
  const header = view(read, 0, headerBytes);
  // Magic, class 64, little-endian.
  if (header?.getUint32(0) !== 0x7f454c46 || header.getUint16(4) !== 0x0201) {
    return undefined;
  }
  const virtualAddress = addressOfOffset(read, header, fileOffset);
  if (virtualAddress === undefined) {
    return undefined;
  }
  const sections = readSections(read, header);
  for (const type of [SHT_SYMTAB, SHT_DYNSYM]) {
    for (const table of sections.filter((section) => section.type === type)) {
      const found = functionAt(read, table, sections[table.link], virtualAddress);
      if (found !== undefined) {
        return { ...found, virtualAddress };
      }
    }
  }
  return undefined;
}

/** Where a loaded segment puts an offset of the file. */
function addressOfOffset(read: ElfReader, header: DataView, fileOffset: bigint): bigint | undefined {
  const table = tableOf(
    read,
    header.getBigUint64(32, true),
    header.getUint16(54, true),
    header.getUint16(56, true),
    programHeaderBytes,
  );
  for (const entry of table) {
    const offset = entry.getBigUint64(8, true);
    const sizeBytes = entry.getBigUint64(32, true);
    if (entry.getUint32(0, true) === PT_LOAD && offset <= fileOffset && fileOffset < offset + sizeBytes) {
      return fileOffset - offset + entry.getBigUint64(16, true);
    }
  }
  return undefined;
}

function readSections(read: ElfReader, header: DataView): Section[] {
  return tableOf(
    read,
    header.getBigUint64(40, true),
    header.getUint16(58, true),
    header.getUint16(60, true),
    sectionHeaderBytes,
  ).map((entry) => ({
    type: entry.getUint32(4, true),
    offset: Number(entry.getBigUint64(24, true)),
    sizeBytes: Number(entry.getBigUint64(32, true)),
    link: entry.getUint32(40, true),
  }));
}

/** Entries of a header table; none when it is malformed. */
function tableOf(
  read: ElfReader,
  offset: bigint,
  entryBytes: number,
  count: number,
  leastEntryBytes: number,
): DataView[] {
  const table =
    entryBytes < leastEntryBytes || offset === 0n
      ? undefined
      : view(read, Number(offset), entryBytes * count);
  return table === undefined
    ? []
    : Array.from(
        { length: count },
        (_, i) => new DataView(table.buffer, table.byteOffset + i * entryBytes, entryBytes),
      );
}

function functionAt(
  read: ElfReader,
  { offset, sizeBytes }: Section,
  names: Section | undefined,
  virtualAddress: bigint,
): Pick<ElfSymbol, 'name' | 'offsetBytes'> | undefined {
  const symbols =
    sizeBytes > mostTableBytes || names === undefined ? undefined : view(read, offset, sizeBytes);
  if (symbols === undefined) {
    return undefined;
  }
  for (let at = 0; at + symbolBytes <= sizeBytes; at += symbolBytes) {
    const start = symbols.getBigUint64(at + 8, true);
    const isFunction = (symbols.getUint8(at + 4) & 0xf) === STT_FUNC;
    if (
      isFunction &&
      start <= virtualAddress &&
      virtualAddress < start + symbols.getBigUint64(at + 16, true)
    ) {
      const name = text(read, names!, symbols.getUint32(at, true));
      return name === '' ? undefined : { name, offsetBytes: Number(virtualAddress - start) };
    }
  }
  return undefined;
}

/** A name of a string table; C++ names may be long. */
function text(read: ElfReader, { offset, sizeBytes }: Section, at: number): string {
  const bytes = at < sizeBytes ? read(offset + at, Math.min(4096, sizeBytes - at)) : new Uint8Array();
  const end = bytes.indexOf(0);
  return end === -1 ? '' : new TextDecoder().decode(bytes.subarray(0, end));
}

/** Exactly these bytes, or undefined. */
function view(read: ElfReader, offset: number, lengthBytes: number): DataView | undefined {
  if (!Number.isSafeInteger(offset) || offset < 0 || lengthBytes <= 0 || lengthBytes > mostTableBytes) {
    return undefined;
  }
  const bytes = read(offset, lengthBytes);
  return bytes.byteLength === lengthBytes
    ? new DataView(bytes.buffer, bytes.byteOffset, lengthBytes)
    : undefined;
}
