/**
 * Reads a trace file from its beginning, message by message, as far as it is whole. Whatever the bytes are, it
 * comes to an end and says what was wrong where.
 */
import { MessageHeader, RecordBatchReader, type RecordBatch, type Schema } from 'apache-arrow';
import { allocateRows, type EventRows } from '../../../native-helper/log/eventRows.ts';
import { rowsOfBatch } from './batchRows.ts';
import {
  formatVersion,
  hasUpdate,
  headerFrom,
  updateFrom,
  versionOf,
  type TraceHeader,
  type TraceUpdate,
} from './traceHeader.ts';
import {
  inBlocks,
  isMark,
  prefixBytes,
  readHead,
  sentenceOf,
  type ByteSource,
  type MessageHead,
} from './traceMessages.ts';
import { UnreadableTrace, type TraceProblem } from './traceProblem.ts';
import { fields } from './traceSchema.ts';

export interface TraceSink {
  /**
   * Rows with contiguous sequence numbers, later than those before, and what is others from there on. There may
   * be no rows then.
   */
  onRows(rows: EventRows, update: TraceUpdate): void;
  onProgress?(doneBytes: number): void;
}

/** How Arrow's file format begins. */
const fileMagic = 'ARROW1';
const mostDictionaries = 16;

/**
 * What a trace says of its session.
 * @throws UnreadableTrace when nothing of it can be shown, and what the source throws
 */
export async function readHeader(source: ByteSource): Promise<TraceHeader> {
  const start = await source.read(0, prefixBytes);
  if (start.length === 0) {
    throw new UnreadableTrace({ kind: 'empty' });
  }
  if (Buffer.from(start).toString('latin1', 0, fileMagic.length) === fileMagic) {
    throw new UnreadableTrace({ kind: 'arrowFile' });
  }
  const head = await readHead(source, 0);
  if (!('type' in head)) {
    throw new UnreadableTrace(isMark(start) && head.kind === 'truncated' ? head : { kind: 'notArrow' });
  }
  const schema = orCorrupt(() => schemaOf(head));
  const version = versionOf(schema.metadata);
  if (version === null) {
    throw new UnreadableTrace({ kind: 'foreign', detail: schema.names.slice(0, 5).join(', ') });
  }
  const missing = fields.find(
    ({ name, type }) => String(schema.fields.find((field) => field.name === name)?.type) !== String(type),
  );
  if (missing !== undefined) {
    throw new UnreadableTrace(
      newerOrNull(version) ?? {
        kind: 'corrupt',
        atByte: 0,
        detail: `it has no column ${missing.name} of type ${String(missing.type)}`,
      },
    );
  }
  return orCorrupt(() => headerFrom(schema.metadata, version));
}

function schemaOf({ message }: MessageHead): Schema {
  if (!message.isSchema()) {
    throw new Error('it does not begin with a schema');
  }
  return message.header();
}

function orCorrupt<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UnreadableTrace({ kind: 'corrupt', atByte: 0, detail: sentenceOf(error) });
  }
}

/**
 * The rows of a trace whose header has been read.
 * @returns what was wrong where reading stopped; null when the trace is whole
 * @throws what the source throws
 */
export async function readRows(
  file: ByteSource,
  { formatVersion: version }: TraceHeader,
  sink: TraceSink,
  isCancelled: () => boolean = () => false,
): Promise<TraceProblem | null> {
  const source = inBlocks(file);
  const stream = new BatchStream();
  let lastSequence = 0;
  for (let at = 0; ;) {
    sink.onProgress?.(at);
    if (isCancelled()) {
      return { kind: 'cancelled' };
    }
    const head = await readHead(source, at);
    if (!('type' in head)) {
      return head.kind === 'end' ? newerOrNull(version) : head;
    }
    const bytes = await source.read(at, head.endByte - at);
    try {
      const batch = stream.take(head, bytes);
      if (batch !== null) {
        const rows = batch.numRows === 0 ? allocateRows(lastSequence + 1, 0) : rowsOfBatch(batch);
        if (rows.firstSequence <= lastSequence) {
          throw new Error(`row ${rows.firstSequence} comes after row ${lastSequence}`);
        }
        lastSequence = rows.firstSequence + rows.count - 1;
        const update = updateFrom(batch.metadata);
        if (rows.count > 0 || hasUpdate(update)) {
          sink.onRows(rows, update);
        }
      }
    } catch (error) {
      return { kind: 'corrupt', atByte: at, detail: sentenceOf(error) };
    }
    at = head.endByte;
  }
}

function newerOrNull(version: number): TraceProblem | null {
  return version > formatVersion ? { kind: 'newer', version } : null;
}

/** Makes batches of messages. */
class BatchStream {
  /** Schema and dictionaries, which each batch is read with. */
  private readonly preamble: Uint8Array[] = [];

  /** Null for a message that brings no rows. */
  take({ type, startByte }: MessageHead, bytes: Uint8Array): RecordBatch | null {
    const isSchema = type === MessageHeader.Schema;
    if (isSchema && startByte > 0) {
      throw new Error('a schema in the middle of the stream');
    }
    if (isSchema || type === MessageHeader.DictionaryBatch) {
      if (this.preamble.length > mostDictionaries) {
        throw new Error('too many dictionaries');
      }
      this.preamble.push(bytes);
      return null;
    }
    for (const batch of RecordBatchReader.from([...this.preamble, bytes]) as Iterable<RecordBatch>) {
      return batch;
    }
    throw new Error('a batch that cannot be read');
  }
}
