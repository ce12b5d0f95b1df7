/**
 * Bytes of files that only the client can open, kept in native memory in chunks, so that
 * batches and rules share what has been read once. What is missing is asked for; whoever
 * was told so looks again when `revision` has grown.
 */
import { copyWithinNative } from '../syscalls/libc.ts';
import { NativeBuffer } from '../syscalls/nativeMemory.ts';
import type { FileChunk } from './readerProtocol.ts';

export const chunkBytes = 256 * 1024;
/** Chunks kept, beyond those of the longest span that was looked up. */
const keptBytes = 64 * 2 ** 20;
/** Chunks asked for at a time: what waits behind them is asked for when one has arrived. */
const maxAsked = 16;

/** The native address of the bytes; or that they have to be waited for; or why there are none, a sentence. */
export type FoundBytes = number | 'asked' | { readonly failure: string };

interface Chunk {
  readonly memory: NativeBuffer;
  /** Bytes there are, fewer than a whole chunk at the end of the file; undefined until they arrive. */
  content: number | { readonly failure: string } | undefined;
  lastUse: number;
}

export class FileChunks {
  private readonly ask: (chunk: FileChunk) => void;
  /** By file, then by number of the chunk in the file. */
  private readonly files = new Map<number, Map<number, Chunk>>();
  /** Bytes that span several chunks, put together. */
  private readonly assembly = new NativeBuffer();
  private limitBytes = keptBytes;
  private heldBytes = 0;
  private askedChunks = 0;
  private lastUse = 0;

  /** Grows with every answer of the client. */
  revision = 0;

  /** @param ask sends a question to the client, whose answer goes to `deliver` */
  constructor(ask: (chunk: FileChunk) => void) {
    this.ask = ask;
  }

  /** Looks bytes up; an address is good until the next call of `find` or `deliver`. */
  find(fileId: number, offsetBytes: number, lengthBytes: number): FoundBytes {
    const first = Math.floor(offsetBytes / chunkBytes);
    const last = Math.floor((offsetBytes + lengthBytes - 1) / chunkBytes);
    this.limitBytes = Math.max(this.limitBytes, keptBytes + (last - first + 1) * chunkBytes);
    let chunks = this.files.get(fileId);
    if (chunks === undefined) {
      chunks = new Map();
      this.files.set(fileId, chunks);
    }
    let isComplete = true;
    for (let index = first; index <= last; index++) {
      const chunk = chunks.get(index) ?? this.asked(fileId, chunks, index);
      if (chunk?.content === undefined) {
        isComplete = false;
        continue;
      }
      chunk.lastUse = ++this.lastUse;
      if (typeof chunk.content !== 'number') {
        return chunk.content;
      }
      const end = index * chunkBytes + chunk.content;
      if (chunk.content < chunkBytes && end < offsetBytes + lengthBytes) {
        return tooShort(end, chunk.content > 0 || index === 0, offsetBytes, lengthBytes);
      }
    }
    if (!isComplete) {
      return 'asked';
    }
    return first === last
      ? chunks.get(first)!.memory.address + (offsetBytes - first * chunkBytes)
      : this.assembled(chunks, offsetBytes, lengthBytes);
  }

  /** The client's answer to a question: bytes, fewer at the end of the file, or why there are none. */
  deliver({ fileId, offsetBytes, lengthBytes }: FileChunk, bytes: Uint8Array | string): void {
    this.askedChunks--;
    this.revision++;
    const chunk = this.files.get(fileId)?.get(offsetBytes / chunkBytes);
    if (chunk === undefined) {
      return;
    }
    if (typeof bytes === 'string') {
      chunk.content = { failure: bytes };
    } else if (bytes.byteLength > lengthBytes) {
      chunk.content = {
        failure: `The file gave ${bytes.byteLength} bytes where ${lengthBytes} were asked for.`,
      };
    } else {
      this.makeRoom();
      chunk.memory.fill(bytes);
      chunk.content = bytes.byteLength;
      this.heldBytes += chunkBytes;
    }
    chunk.lastUse = ++this.lastUse;
  }

  /** Forgets which bytes could not be read, so that they are asked for again. */
  forgetFailures(): void {
    for (const chunks of this.files.values()) {
      for (const [index, { content }] of chunks) {
        if (typeof content === 'object') {
          chunks.delete(index);
        }
      }
    }
  }

  /** Gives all native memory back. */
  free(): void {
    for (const chunks of this.files.values()) {
      chunks.forEach(({ memory }) => memory.free());
    }
    this.files.clear();
    this.assembly.free();
  }

  /** A new chunk that has been asked for; undefined while too many are. */
  private asked(fileId: number, chunks: Map<number, Chunk>, index: number): Chunk | undefined {
    if (this.askedChunks >= maxAsked) {
      return undefined;
    }
    this.askedChunks++;
    const chunk: Chunk = { memory: new NativeBuffer(), content: undefined, lastUse: ++this.lastUse };
    chunks.set(index, chunk);
    this.ask({ fileId, offsetBytes: index * chunkBytes, lengthBytes: chunkBytes });
    return chunk;
  }

  private assembled(chunks: Map<number, Chunk>, offsetBytes: number, lengthBytes: number): number {
    const start = this.assembly.reserve(lengthBytes);
    for (let done = 0; done < lengthBytes;) {
      const offset = offsetBytes + done;
      const index = Math.floor(offset / chunkBytes);
      const within = offset - index * chunkBytes;
      const length = Math.min(chunkBytes - within, lengthBytes - done);
      copyWithinNative(start + done, chunks.get(index)!.memory.address + within, length);
      done += length;
    }
    return start;
  }

  /** Drops chunks that were used longest ago until one more fits. */
  private makeRoom(): void {
    while (this.heldBytes + chunkBytes > this.limitBytes) {
      let oldest: { chunks: Map<number, Chunk>; index: number; chunk: Chunk } | undefined;
      for (const chunks of this.files.values()) {
        for (const [index, chunk] of chunks) {
          const isHeld = typeof chunk.content === 'number';
          if (isHeld && (oldest === undefined || chunk.lastUse < oldest.chunk.lastUse)) {
            oldest = { chunks, index, chunk };
          }
        }
      }
      oldest!.chunks.delete(oldest!.index);
      oldest!.chunk.memory.free();
      this.heldBytes -= chunkBytes;
    }
  }
}

/** @param isEnd whether the file is known to end at `end`; otherwise it ends there or before */
function tooShort(
  end: number,
  isEnd: boolean,
  offsetBytes: number,
  lengthBytes: number,
): { readonly failure: string } {
  const size = `${isEnd ? 'has only' : 'has no more than'} ${end} bytes`;
  return {
    failure: `The file ${size}; bytes ${offsetBytes} to ${offsetBytes + lengthBytes} were needed.`,
  };
}
