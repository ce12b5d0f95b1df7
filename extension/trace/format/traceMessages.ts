/**
 * The messages of an Arrow IPC stream, one after another. Whatever the bytes are, what is wrong is said and where.
 *
 * A message of the stream: 0xffffffff, length of its metadata (u32), the metadata, its body.
 */
import { Message, type MessageHeader } from 'apache-arrow';
import { checkMessage } from './messageCheck.ts';
import type { TraceProblem } from './traceProblem.ts';

/** Bytes that can be read at random. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Exactly these bytes, or fewer where the source ends, in a buffer of their own. */
  read(position: number, lengthBytes: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A message without its body, all of which is in the source. */
export interface MessageHead {
  readonly type: MessageHeader;
  readonly message: Message;
  readonly startByte: number;
  readonly endByte: number;
}

const mark = 0xffff_ffff;
export const prefixBytes = 8;
const mostMetadataBytes = 64 * 1024 * 1024;
const blockBytes = 128 * 1024;

/** The head of the message at a place, the end of the stream, or what is wrong there. */
export async function readHead(
  source: ByteSource,
  at: number,
): Promise<MessageHead | { readonly kind: 'end' } | TraceProblem> {
  if (at >= source.sizeBytes) {
    return { kind: 'unfinished' };
  }
  const prefix = await source.read(at, prefixBytes);
  if (prefix.length < prefixBytes) {
    return { kind: 'truncated', atByte: at };
  }
  const metadataBytes = Buffer.from(prefix.buffer, prefix.byteOffset).readUInt32LE(4);
  if (!isMark(prefix)) {
    return { kind: 'corrupt', atByte: at, detail: 'no message begins here' };
  }
  if (metadataBytes === 0) {
    return { kind: 'end' };
  }
  if (metadataBytes > mostMetadataBytes) {
    return { kind: 'corrupt', atByte: at, detail: `a message with ${metadataBytes} bytes of metadata` };
  }
  const bodyAt = at + prefixBytes + metadataBytes;
  if (bodyAt > source.sizeBytes) {
    return { kind: 'truncated', atByte: at };
  }
  const metadata = await source.read(at + prefixBytes, metadataBytes);
  let message: Message;
  try {
    checkMessage(metadata);
    message = Message.decode(metadata);
    if (!Number.isSafeInteger(message.bodyLength) || message.bodyLength < 0) {
      throw new Error(`a message of ${message.bodyLength} bytes`);
    }
  } catch (error) {
    return { kind: 'corrupt', atByte: at, detail: sentenceOf(error) };
  }
  const endByte = bodyAt + message.bodyLength;
  return endByte > source.sizeBytes
    ? { kind: 'truncated', atByte: at }
    : { type: message.headerType as MessageHeader, message, startByte: at, endByte };
}

/** Whether a message begins with these bytes. */
export function isMark(prefix: Uint8Array<ArrayBuffer>): boolean {
  return prefix.length >= 4 && Buffer.from(prefix.buffer, prefix.byteOffset).readUInt32LE(0) === mark;
}

/** The same source, read in blocks: many small messages may lie in one. */
export function inBlocks(source: ByteSource): ByteSource {
  let block = new Uint8Array();
  let blockAt = 0;
  return {
    sizeBytes: source.sizeBytes,
    read: async (position, lengthBytes) => {
      if (lengthBytes >= blockBytes) {
        return source.read(position, lengthBytes);
      }
      if (position < blockAt || position + lengthBytes > blockAt + block.length) {
        block = await source.read(position, blockBytes);
        blockAt = position;
      }
      return block.slice(position - blockAt, position - blockAt + lengthBytes);
    },
  };
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
