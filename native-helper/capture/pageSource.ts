/** Where the bytes of a COPY come from: one class for each kind of source, all with the same question. */
import { ResponseError } from 'vscode-jsonrpc';
import { badRange, fileUnreadable, memoryUnreadable, type HelperError } from '../helperErrors.ts';
import { readTargetMemory } from '../inspect/targetMemory.ts';
import type { PageSourceDto } from '../protocol/files.ts';
import { NativeBuffer } from '../syscalls/nativeMemory.ts';
import { hasEnded } from '../syscalls/pidfd.ts';
import type { FileChunks, FoundBytes } from './fileChunks.ts';

/** The bytes of a source, in native memory. */
export interface PageBytes {
  /**
   * Refuses a span of `lengthBytes` at `start` that the source can never fill.
   * @throws HelperError badRange
   */
  check(start: number, lengthBytes: number): void;
  /**
   * The bytes for a piece of a span of pages. An address is good until the next call.
   * @param start address of the span in the target
   * @param offsetBytes where the piece begins in the span
   */
  find(start: number, offsetBytes: number, lengthBytes: number): FoundBytes;
  /** Gives its native memory back. */
  free(): void;
}

/** What sources other than given bytes are read from. */
export interface SourceContext {
  readonly pid: number;
  /** -1 without a known process. */
  readonly pidfd: number;
  readonly files: FileChunks;
}

/** The bytes of `source`. */
export function openSource(source: PageSourceDto, { pid, pidfd, files }: SourceContext): PageBytes {
  switch (source.kind) {
    case 'fill':
    case 'pattern':
    case 'bytes':
      return new GivenBytes(source);
    case 'file':
      return new FileBytes(files, source.file.fileId, (_start, offset) => source.offsetBytes + offset);
    case 'image': {
      const base = Number(BigInt(source.base));
      return new FileBytes(files, source.file.fileId, (start, offset) => start + offset - base);
    }
    case 'target':
      return new TargetBytes(pid, pidfd, BigInt(source.address));
  }
}

/** The error for a source that has no bytes for a place: `reason` is a sentence. */
export function unreadable(source: PageSourceDto, reason: string): HelperError {
  return source.kind === 'target'
    ? memoryUnreadable(reason, 'action.source.address')
    : fileUnreadable(reason);
}

type GivenSource = Extract<PageSourceDto, { kind: 'fill' | 'pattern' | 'bytes' }>;

/** Bytes that are part of the request: laid out once, as long as the longest piece needs. */
class GivenBytes implements PageBytes {
  private readonly kind: GivenSource['kind'];
  private readonly given: Uint8Array;
  private readonly native = new NativeBuffer();
  private filledBytes = 0;

  constructor(source: GivenSource) {
    this.kind = source.kind;
    this.given = source.kind === 'fill' ? Uint8Array.of(source.byte) : Buffer.from(source.bytes, 'base64');
  }

  check(_start: number, lengthBytes: number): void {
    const { byteLength } = this.given;
    if (this.kind === 'bytes' && byteLength > lengthBytes) {
      throw badRange(
        'action.source.bytes',
        `${byteLength} bytes were given for a range of ${lengthBytes}. Give fewer bytes or more pages.`,
      );
    }
  }

  find(_start: number, offsetBytes: number, lengthBytes: number): number {
    const { byteLength } = this.given;
    const position = this.kind === 'bytes' ? Math.min(offsetBytes, byteLength) : offsetBytes % byteLength;
    if (this.filledBytes < position + lengthBytes) {
      this.filledBytes = position + lengthBytes;
      this.native.fill(this.layOut(this.filledBytes));
    }
    return this.native.address + position;
  }

  private layOut(lengthBytes: number): Uint8Array {
    const bytes = Buffer.alloc(lengthBytes);
    if (this.kind === 'bytes') {
      bytes.set(this.given.subarray(0, lengthBytes));
      return bytes;
    }
    return bytes.fill(this.given);
  }

  free(): void {
    this.native.free();
  }
}

/** Bytes of a file, at an offset that the place decides. */
class FileBytes implements PageBytes {
  private readonly files: FileChunks;
  private readonly fileId: number;
  private readonly offsetOf: (start: number, offsetBytes: number) => number;

  constructor(files: FileChunks, fileId: number, offsetOf: (start: number, offsetBytes: number) => number) {
    this.files = files;
    this.fileId = fileId;
    this.offsetOf = offsetOf;
  }

  check(start: number): void {
    const offset = this.offsetOf(start, 0);
    if (offset < 0) {
      throw badRange('action.source.base', belowImage(start, offset));
    }
  }

  find(start: number, offsetBytes: number, lengthBytes: number): FoundBytes {
    const offset = this.offsetOf(start, offsetBytes);
    return offset < 0
      ? { failure: belowImage(start, offset) }
      : this.files.find(this.fileId, offset, lengthBytes);
  }

  free(): void {
    // The chunks are everybody's.
  }
}

function belowImage(start: number, offset: number): string {
  return `0x${start.toString(16)} lies ${-offset} bytes below the base of the image.`;
}

/** The target's own memory, read anew each time. */
class TargetBytes implements PageBytes {
  private readonly pid: number;
  private readonly pidfd: number;
  private readonly address: bigint;
  private readonly native = new NativeBuffer();

  constructor(pid: number, pidfd: number, address: bigint) {
    this.pid = pid;
    this.pidfd = pidfd;
    this.address = address;
  }

  check(): void {
    // What can be read is known only when it is.
  }

  find(_start: number, offsetBytes: number, lengthBytes: number): FoundBytes {
    const address = this.address + BigInt(offsetBytes);
    try {
      const bytes = readTargetMemory(this.pid, address, lengthBytes, 'action.source.address');
      if (hasEnded(this.pidfd)) {
        // Another process may have its pid by now, and the bytes may be of that one.
        return { failure: `Process ${this.pid} has ended.` };
      }
      this.native.fill(bytes);
      return this.native.address;
    } catch (error) {
      if (error instanceof ResponseError) {
        return { failure: error.message };
      }
      throw error;
    }
  }

  free(): void {
    this.native.free();
  }
}
