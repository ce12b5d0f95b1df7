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

/** What is found out about a place. Its line of source may come later. */
interface Place extends CodeName {
  source: SourceLine | undefined;
}

export class Symbolizer {
  private readonly known = new Map<string, Promise<Place>>();
  private readonly patienceMs: number;
  /** The look for a line that was begun last: they go one after the other, for each may read gigabytes. */
  private lastLine: Promise<unknown> = Promise.resolve();

  /** @param patienceMs who asks for a line that takes longer to find learns it when it asks again */
  constructor(patienceMs = 2000) {
    this.patienceMs = patienceMs;
  }

  /** Never fails: what cannot be found out is undefined. */
  async nameOf({ path, fileOffset }: CodeLocationDto): Promise<CodeName> {
    const file = path === '' ? undefined : await stat(path).catch(() => undefined);
    if (file?.isFile() !== true || file.size > mostFileBytes) {
      return { symbol: undefined, source: undefined };
    }
    // A program that is compiled anew has other code at that place.
    const key = `${path}:${file.mtimeMs}:${fileOffset}`;
    let place = this.known.get(key);
    if (place === undefined) {
      place = this.lookUp(path, BigInt(fileOffset)).catch(() => ({ symbol: undefined, source: undefined }));
      this.known.set(key, place);
      const [oldest] = this.known.keys();
      if (this.known.size > mostKept && oldest !== undefined) {
        this.known.delete(oldest);
      }
    }
    // As far as it is known now.
    return { ...(await place) };
  }

  /** Settles with the line, or without it once patience is over: the place is given it later. */
  private async lookUp(path: string, fileOffset: bigint): Promise<Place> {
    const found = symbolAt(await readerOf(path), fileOffset);
    if (found === undefined) {
      return { symbol: undefined, source: undefined };
    }
    const place: Place = {
      symbol: `${found.name}+0x${found.offsetBytes.toString(16)}`,
      source: undefined,
    };
    const line = this.lastLine.then(async () => {
      place.source = await sourceLine(path, found.virtualAddress);
    });
    this.lastLine = line;
    await Promise.race([line, setTimeout(this.patienceMs, undefined, { ref: false })]);
    return place;
  }
}

async function readerOf(path: string): Promise<Parameters<typeof symbolAt>[0]> {
  const bytes = await readFile(path);
  return (offset, lengthBytes) => bytes.subarray(offset, offset + lengthBytes);
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
