/**
 * Which function, and which line of source, an instruction belongs to. Files are read here, with
 * the user's own rights, never by the helper.
 */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { CodeLocationDto } from '../../native-helper/protocol/inspect.ts';
import { symbolAt } from '../../native-helper/symbols/elfSymbols.ts';

/** Larger files are left alone: their symbol table is read at once. */
const mostFileBytes = 2 ** 30;
/** It reads all debug information of a program, which can be gigabytes. */
const addr2lineTimeoutMs = 60_000;
/** Locations kept; a program that is looked at for hours must not fill the memory. */
const mostKept = 1000;

export interface SourceLine {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

export interface CodeName {
  /** `function+0x12`; undefined without symbols. */
  readonly symbol: string | undefined;
  /** Undefined without debug information or addr2line(1). */
  readonly source: SourceLine | undefined;
}

/** What is found out about an instruction. */
interface Place extends CodeName {
  readonly virtualAddress: bigint | undefined;
  source: SourceLine | undefined;
  /** Settles when its line has been looked for; undefined before anybody asked for it. */
  line: Promise<void> | undefined;
  /** Settles then, or when who asked for it first has waited long enough. */
  patience: Promise<void> | undefined;
}

export class Symbolizer {
  private readonly known = new Map<string, Promise<Place>>();
  private readonly patienceMs: number;
  /** The look for a line that was begun last: they go one after the other, for each may read gigabytes. */
  private lastLine: Promise<void> = Promise.resolve();
  /** The file that was read last, as long as nobody needs the memory: instructions come together. */
  private lastFile: { readonly key: string; readonly bytes: WeakRef<Buffer> } | undefined;

  /** @param patienceMs how long `nameOf` waits for a line */
  constructor(patienceMs = 2000) {
    this.patienceMs = patienceMs;
  }

  /** The function alone, which is found at once. Never fails, as the others. */
  async symbolOf(location: CodeLocationDto): Promise<string | undefined> {
    return (await this.placeOf(location)).symbol;
  }

  /**
   * What cannot be found out is undefined; so is a line that takes longer than patience lasts. Who asks again
   * learns it then.
   */
  async nameOf(location: CodeLocationDto): Promise<CodeName> {
    const place = await this.placeOf(location);
    const line = this.lineOf(place, location);
    place.patience ??= Promise.race([line, setTimeout(this.patienceMs, undefined, { ref: false })]);
    await place.patience;
    return { symbol: place.symbol, source: place.source };
  }

  /** The line, however long it takes; undefined where there is none. */
  async sourceOf(location: CodeLocationDto): Promise<SourceLine | undefined> {
    const place = await this.placeOf(location);
    await this.lineOf(place, location);
    return place.source;
  }

  private async placeOf({ path, fileOffset }: CodeLocationDto): Promise<Place> {
    const file = path === '' ? undefined : await stat(path).catch(() => undefined);
    if (file?.isFile() !== true || file.size > mostFileBytes) {
      return noPlace();
    }
    // A program that is compiled anew has other code at that place.
    const fileKey = `${path}:${file.mtimeMs}`;
    const key = `${fileKey}:${fileOffset}`;
    let place = this.known.get(key);
    if (place === undefined) {
      place = this.lookUp(path, fileKey, BigInt(fileOffset)).catch(noPlace);
      this.known.set(key, place);
      const [oldest] = this.known.keys();
      if (this.known.size > mostKept && oldest !== undefined) {
        this.known.delete(oldest);
      }
    }
    return place;
  }

  private async lookUp(path: string, fileKey: string, fileOffset: bigint): Promise<Place> {
    const bytes = await this.bytesOf(path, fileKey);
    const read = (offset: number, lengthBytes: number): Uint8Array =>
      bytes.subarray(offset, offset + lengthBytes);
    const found = symbolAt(read, fileOffset);
    return found === undefined
      ? noPlace()
      : {
          symbol: `${found.name}+0x${found.offsetBytes.toString(16)}`,
          virtualAddress: found.virtualAddress,
          source: undefined,
          line: undefined,
          patience: undefined,
        };
  }

  private async bytesOf(path: string, key: string): Promise<Buffer> {
    const last = this.lastFile?.key === key ? this.lastFile.bytes.deref() : undefined;
    const bytes = last ?? (await readFile(path));
    this.lastFile = { key, bytes: new WeakRef(bytes) };
    return bytes;
  }

  /** Looks for the line of a place, once. */
  private lineOf(place: Place, { path }: CodeLocationDto): Promise<void> {
    if (place.line === undefined) {
      this.lastLine = this.lastLine.then(async () => {
        place.source =
          place.virtualAddress === undefined ? undefined : await sourceLine(path, place.virtualAddress);
      });
      place.line = this.lastLine;
    }
    return place.line;
  }
}

function noPlace(): Place {
  return {
    symbol: undefined,
    virtualAddress: undefined,
    source: undefined,
    line: Promise.resolve(),
    patience: undefined,
  };
}

/** By addr2line(1) of binutils or LLVM, where one is installed. */
async function sourceLine(path: string, virtualAddress: bigint): Promise<SourceLine | undefined> {
  for (const program of ['addr2line', 'llvm-addr2line']) {
    try {
      const { stdout } = await promisify(execFile)(
        program,
        ['-e', path, `0x${virtualAddress.toString(16)}`],
        { timeout: addr2lineTimeoutMs },
      );
      return parseSourceLine(stdout);
    } catch {
      // Not installed, or it cannot read the file.
    }
  }
  return undefined;
}

/** `path:line` or `path:line (discriminator n)`; `??:0` is none. */
export function parseSourceLine(output: string): SourceLine | undefined {
  const [, path, line] = /^(.+):(\d+)(?: \(discriminator \d+\))?$/m.exec(output) ?? [];
  return path === undefined || path === '??' || Number(line) === 0 ? undefined : { path, line: Number(line) };
}
