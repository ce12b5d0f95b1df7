/** Writes a trace as bytes of an Arrow IPC stream: a schema, then a record batch for each batch of rows. */
import {
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Struct,
  vectorFromArray,
  Utf8,
  type Data,
  type DataType,
  type Field,
  type Schema,
  type Vector,
} from 'apache-arrow';
import { kindCode, rowActors, rowKinds, type EventRows } from '../../../native-helper/log/eventRows.ts';
import { isServed, servedMark } from '../../../native-helper/log/servedRows.ts';
import { BatchOverviews } from './batchOverview.ts';
import {
  batchMetadata,
  headerMetadata,
  updateMetadata,
  type TraceHeader,
  type TraceUpdate,
} from './traceHeader.ts';
import { actorType, kindType, traceSchema } from './traceSchema.ts';

export class TraceEncoder {
  private readonly schema: Schema;
  private readonly writer = new CollectingWriter();
  private readonly overviews = new BatchOverviews();
  private readonly kinds: Vector<Utf8> = vectorFromArray([...rowKinds], new Utf8());
  private readonly actors: Vector<Utf8> = vectorFromArray([...rowActors], new Utf8());

  constructor(header: TraceHeader) {
    this.schema = traceSchema(headerMetadata(header));
  }

  /** The schema and the dictionaries, with a batch of no rows. */
  start(): Uint8Array {
    this.writer.reset(undefined, this.schema);
    this.writer.write(this.recordBatch(0, this.noColumns(), new Map()));
    return this.writer.take();
  }

  /** The rows, which have contiguous sequence numbers, and what is others from now on. */
  batch(rows: EventRows, update: TraceUpdate = {}): Uint8Array {
    const metadata = batchMetadata(update, this.overviews.of(rows));
    this.writer.write(this.recordBatch(rows.count, this.columns(rows), metadata));
    return this.writer.take();
  }

  /** What is others from now on, though no rows have come. */
  update(update: TraceUpdate): Uint8Array {
    this.writer.write(this.recordBatch(0, this.noColumns(), updateMetadata(update)));
    return this.writer.take();
  }

  /** What tells a reader that the trace was ended and not cut off. */
  end(): Uint8Array {
    this.writer.finish();
    return this.writer.take();
  }

  private recordBatch(length: number, children: Data[], metadata: Map<string, string>): RecordBatch {
    const data = makeData({ type: new Struct(this.schema.fields), length, nullCount: 0, children });
    return new RecordBatch(this.schema, data, metadata);
  }

  private noColumns(): Data[] {
    return this.schema.fields.map(({ type }: Field<DataType>) =>
      type === kindType
        ? this.kindColumn(new Int8Array(0))
        : type === actorType
          ? this.actorColumn(new Int8Array(0))
          : makeData({ type, length: 0, nullCount: 0 } as never),
    );
  }

  /** In the order of the schema. */
  private columns(rows: EventRows): Data[] {
    const { count, timeNs, lengthBytes, address, flags, out, faultId, tid, errno, kind, actor } = rows;
    const plain = (values: BigInt64Array | BigUint64Array | Uint32Array | Uint16Array): ColumnValues => ({
      values,
      isNull: null,
    });
    const bytes = (codes: Uint8Array): Int8Array => new Int8Array(codes.buffer, codes.byteOffset, count);
    const sequence = wholeNumbers(count, (i) => rows.firstSequence + i);
    const time = wholeNumbers(count, (i) => timeNs[i]!);
    const columns: (ColumnValues | Data)[] = [
      plain(sequence),
      plain(time),
      this.kindColumn(bytes(kind)),
      this.actorColumn(bytes(actor)),
      plain(faultId),
      plain(address),
      plain(wholeNumbers(count, (i) => lengthBytes[i]!)),
      plain(tid),
      plain(flags),
      plain(errno),
      plain(out),
      ...servedOf(rows),
    ];
    return this.schema.fields.map(({ type }: Field<DataType>, n) => {
      const column = columns[n]!;
      return 'values' in column && 'isNull' in column ? nullable(type as never, count, column) : column;
    });
  }

  private kindColumn(codes: Int8Array): Data {
    return makeData({
      type: kindType,
      length: codes.length,
      nullCount: 0,
      data: codes,
      dictionary: this.kinds,
    });
  }

  private actorColumn(codes: Int8Array): Data {
    return makeData({
      type: actorType,
      length: codes.length,
      nullCount: 0,
      data: codes,
      dictionary: this.actors,
    });
  }
}

interface ColumnValues {
  readonly values: BigInt64Array | BigUint64Array | Uint32Array | Uint16Array | Uint8Array;
  /** Null where no value is null. */
  readonly isNull: ((i: number) => boolean) | null;
}

/** raised_ns, read_ns and fault_flags: of served rows, and when the first fault of a `lost` row was raised. */
function servedOf(rows: EventRows): ColumnValues[] {
  const { count, timeNs, raisedBeforeNs, readBeforeNs, faultFlags } = rows;
  return [
    {
      values: wholeNumbers(count, (i) => timeNs[i]! - raisedBeforeNs[i]!),
      isNull: (i) => !isServed(rows, i) && rows.kind[i] !== kindCode.lost,
    },
    { values: wholeNumbers(count, (i) => timeNs[i]! - readBeforeNs[i]!), isNull: (i) => !isServed(rows, i) },
    { values: faultFlags.map((value) => value & ~servedMark), isNull: (i) => !isServed(rows, i) },
  ];
}

function nullable(type: never, length: number, { values, isNull }: ColumnValues): Data {
  if (isNull === null) {
    return makeData({ type, length, nullCount: 0, data: values } as never);
  }
  const nullBitmap = new Uint8Array((length + 7) >> 3);
  let nullCount = 0;
  for (let i = 0; i < length; i++) {
    if (isNull(i)) {
      nullCount++;
    } else {
      nullBitmap[i >> 3]! |= 1 << (i & 7);
    }
  }
  return makeData({ type, length, nullCount, nullBitmap, data: values } as never);
}

/** 64-bit integers from whole doubles, by their halves: a bigint for each would cost more than all the rest. */
function wholeNumbers(count: number, at: (i: number) => number): BigInt64Array<ArrayBuffer> {
  const column = new BigInt64Array(count);
  const halves = new Int32Array(column.buffer);
  for (let i = 0; i < count; i++) {
    const value = at(i);
    // To an Int32Array a double goes modulo 2^32.
    halves[2 * i] = value;
    halves[2 * i + 1] = Math.floor(value / 2 ** 32);
  }
  return column;
}

/** Keeps what is written until it is taken. */
class CollectingWriter extends RecordBatchStreamWriter {
  private chunks: Uint8Array[] = [];

  constructor() {
    super({ autoDestroy: false });
  }

  take(): Uint8Array {
    const bytes = Buffer.concat(this.chunks);
    this.chunks = [];
    return bytes;
  }

  protected override _write(chunk: ArrayBufferView): this {
    if (this._started) {
      this.chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      this._position += chunk.byteLength;
    }
    return this;
  }
}
