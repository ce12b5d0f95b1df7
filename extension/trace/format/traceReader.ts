/**
 * Reads a trace file from its beginning, message by message, as far as it is whole. Whatever the bytes are, it
 * comes to an end and says what was wrong where.
 *
 * A message of the stream: 0xffffffff, length of its metadata (u32), the metadata, its body.
 */
import { Message, MessageHeader, RecordBatchReader, type RecordBatch, type Schema } from 'apache-arrow';
import type { EventRows } from '../../../native-helper/log/eventRows.ts';
import { rowsOfBatch } from './batchRows.ts';
import { checkMessage } from './messageCheck.ts';
import {
  formatVersion,
  headerFrom,
  updateFrom,
  versionOf,
  type TraceHeader,
  type TraceUpdate,
} from './traceHeader.ts';
import { UnreadableTrace, type TraceProblem } from './traceProblem.ts';
import { fields } from './traceSchema.ts';

/** Bytes that can be read at random. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Exactly these bytes, or fewer where the source ends, in a buffer of their own. */
  read(position: number, lengthBytes: number): Promise<Uint8Array<ArrayBuffer>>;
}

export interface TraceSink {
  onHeader(header: TraceHeader): void;
  /** Rows with contiguous sequence numbers, later than those before, and what is others from there on. */
  onRows(rows: EventRows, update: TraceUpdate): void;
  onProgress?(doneBytes: number): void;
}

const mark = 0xffff_ffff;
const prefixBytes = 8;
const mostMetadataBytes = 64 * 1024 * 1024;
const mostDictionaries = 16;
/** How Arrow's file format begins. */
const fileMagic = 'ARROW1';

/**
 * @returns what was wrong where reading stopped; null when the trace is whole
 * @throws UnreadableTrace when nothing of it can be shown, and what the source throws
 */
export async function readTrace(
  source: ByteSource,
  sink: TraceSink,
  isCancelled: () => boolean = () => false,
): Promise<TraceProblem | null> {
  const head = await source.read(0, prefixBytes);
  if (head.length === 0) {
    throw new UnreadableTrace({ kind: 'empty' });
  }
  if (Buffer.from(head).toString('latin1', 0, fileMagic.length) === fileMagic) {
    throw new UnreadableTrace({ kind: 'arrowFile' });
  }
  const first = await readMessage(source, 0);
  if (!('type' in first)) {
    throw new UnreadableTrace(isMark(head) && first.kind === 'truncated' ? first : { kind: 'notArrow' });
  }
  const version = readSchema(first);
  const stream = new BatchStream(first.bytes);
  let lastSequence = 0;
  for (let at = first.endByte; ;) {
    sink.onProgress?.(at);
    if (isCancelled()) {
      return { kind: 'cancelled' };
    }
    const message = await readMessage(source, at);
    if (!('type' in message)) {
      return message.kind === 'end' ? newerOrNull(version) : message;
    }
    try {
      const batch = stream.take(message);
      if (batch !== null && batch.numRows > 0) {
        const rows = rowsOfBatch(batch);
        if (rows.firstSequence <= lastSequence) {
          throw new Error(`row ${rows.firstSequence} comes after row ${lastSequence}`);
        }
        lastSequence = rows.firstSequence + rows.count - 1;
        sink.onRows(rows, updateFrom(batch.metadata));
      }
    } catch (error) {
      return { kind: 'corrupt', atByte: at, detail: sentenceOf(error) };
    }
    at = message.endByte;
  }

  function readSchema(message: WholeMessage): number {
    let found: Schema;
    try {
      found = schemaOf(message);
    } catch (error) {
      throw new UnreadableTrace({ kind: 'corrupt', atByte: 0, detail: sentenceOf(error) });
    }
    const foundVersion = versionOf(found.metadata);
    if (foundVersion === null) {
      const columns = found.names.slice(0, 5).join(', ');
      throw new UnreadableTrace({ kind: 'foreign', detail: columns });
    }
    const missing = fields.find(
      ({ name, type }) => String(found.fields.find((field) => field.name === name)?.type) !== String(type),
    );
    if (missing !== undefined) {
      throw new UnreadableTrace(
        newerOrNull(foundVersion) ?? {
          kind: 'corrupt',
          atByte: 0,
          detail: `it has no column ${missing.name} of type ${String(missing.type)}`,
        },
      );
    }
    try {
      sink.onHeader(headerFrom(found.metadata, foundVersion));
    } catch (error) {
      throw new UnreadableTrace({ kind: 'corrupt', atByte: 0, detail: sentenceOf(error) });
    }
    return foundVersion;
  }
}

function newerOrNull(version: number): TraceProblem | null {
  return version > formatVersion ? { kind: 'newer', version } : null;
}

interface WholeMessage {
  readonly type: MessageHeader;
  /** All of it, with its body. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly metadata: Uint8Array<ArrayBuffer>;
  readonly endByte: number;
}

/** The message at a place, the end of the stream, or what is wrong there. */
async function readMessage(
  source: ByteSource,
  at: number,
): Promise<WholeMessage | { readonly kind: 'end' } | TraceProblem> {
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
  let envelope: Message;
  try {
    checkMessage(metadata);
    envelope = Message.decode(metadata);
    if (!Number.isSafeInteger(envelope.bodyLength) || envelope.bodyLength < 0) {
      throw new Error(`a message of ${envelope.bodyLength} bytes`);
    }
  } catch (error) {
    return { kind: 'corrupt', atByte: at, detail: sentenceOf(error) };
  }
  const endByte = bodyAt + envelope.bodyLength;
  return endByte > source.sizeBytes
    ? { kind: 'truncated', atByte: at }
    : {
        type: envelope.headerType as MessageHeader,
        metadata,
        bytes: await source.read(at, endByte - at),
        endByte,
      };
}

/** Makes batches of messages. */
class BatchStream {
  /** Schema and dictionaries, which each batch is read with. */
  private readonly preamble: Uint8Array[];

  constructor(schemaMessage: Uint8Array) {
    this.preamble = [schemaMessage];
  }

  /** Null for a message that brings no rows. */
  take({ type, bytes }: WholeMessage): RecordBatch | null {
    if (type === MessageHeader.DictionaryBatch) {
      if (this.preamble.length > mostDictionaries) {
        throw new Error('too many dictionaries');
      }
      this.preamble.push(bytes);
      return null;
    }
    if (type !== MessageHeader.RecordBatch) {
      throw new Error('a schema in the middle of the stream');
    }
    for (const batch of RecordBatchReader.from([...this.preamble, bytes]) as Iterable<RecordBatch>) {
      return batch;
    }
    throw new Error('a batch that cannot be read');
  }
}

function schemaOf({ type, metadata }: WholeMessage): Schema {
  if (type !== MessageHeader.Schema) {
    throw new Error('it does not begin with a schema');
  }
  return Message.decode(metadata).header() as Schema;
}

function isMark(prefix: Uint8Array<ArrayBuffer>): boolean {
  return prefix.length >= 4 && Buffer.from(prefix.buffer, prefix.byteOffset).readUInt32LE(0) === mark;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
