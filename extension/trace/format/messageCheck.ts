/**
 * Checks the lists of a message before the library walks them: in a damaged file their lengths can be anything,
 * and a walk of two thousand million entries would be a hang.
 */
import { ByteBuffer } from 'flatbuffers';
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import { Schema } from 'apache-arrow/fb/schema';

const mostEntries = 1000;
/** Of a row in the body: its sequence number and its time take more. */
const leastRowBytes = 8;

/** @throws Error that says what is wrong */
export function checkMessage(bytes: Uint8Array): void {
  const message = Message.getRootAsMessage(new ByteBuffer(bytes));
  within('custom metadata', message.customMetadataLength());
  const bodyBytes = Number(message.bodyLength());
  switch (message.headerType()) {
    case MessageHeader.Schema: {
      const schema = headerOf(message, new Schema());
      within('metadata', schema.customMetadataLength());
      within('columns', schema.fieldsLength());
      for (let i = 0; i < schema.fieldsLength(); i++) {
        const field = schema.fields(i);
        within('metadata of a column', field?.customMetadataLength() ?? 0);
        if (field?.childrenLength() !== 0) {
          throw new Error('a column consists of columns');
        }
      }
      return;
    }
    case MessageHeader.RecordBatch:
      checkBatch(headerOf(message, new RecordBatch()), bodyBytes);
      return;
    case MessageHeader.DictionaryBatch: {
      const batch = headerOf(message, new DictionaryBatch()).data();
      if (batch === null) {
        throw new Error('a dictionary has no data');
      }
      within('words of a dictionary', Number(batch.length()));
      checkBatch(batch, bodyBytes);
      return;
    }
    default:
      throw new Error(`a message of the unknown kind ${message.headerType()}`);
  }
}

function checkBatch(batch: RecordBatch, bodyBytes: number): void {
  within('nodes', batch.nodesLength());
  within('buffers', batch.buffersLength());
  if (batch.compression() !== null || batch.variadicBufferCountsLength() !== 0) {
    throw new Error('its columns are compressed or of a form that traces do not have');
  }
  const rows = Number(batch.length());
  const isDictionary = batch.nodesLength() === 1;
  if (rows < 0 || (!isDictionary && rows * leastRowBytes > bodyBytes)) {
    throw new Error(`a batch of ${rows} rows in ${bodyBytes} bytes`);
  }
  for (let i = 0; i < batch.nodesLength(); i++) {
    const length = Number(batch.nodes(i)?.length() ?? -1);
    if (length !== rows) {
      throw new Error(`a column of ${length} values in a batch of ${rows} rows`);
    }
  }
  for (let i = 0; i < batch.buffersLength(); i++) {
    const buffer = batch.buffers(i);
    const offset = Number(buffer?.offset() ?? -1);
    const length = Number(buffer?.length() ?? -1);
    if (offset < 0 || length < 0 || offset + length > bodyBytes) {
      throw new Error('a column lies outside of its batch');
    }
  }
}

function headerOf<Table extends Schema | RecordBatch | DictionaryBatch>(
  message: Message,
  table: Table,
): Table {
  const header = message.header(table) as Table | null;
  if (header === null) {
    throw new Error('a message without its header');
  }
  return header;
}

function within(what: string, count: number): void {
  if (count > mostEntries || count < 0) {
    throw new Error(`${count} ${what}`);
  }
}
