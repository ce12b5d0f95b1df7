/**
 * Columns of a trace file, a row per row of the event log. README.md says what each holds; a column is only
 * ever appended, and what changes the meaning of one counts `formatVersion` up.
 */
import {
  Dictionary,
  Field,
  Int64,
  Int8,
  Schema,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  type DataType,
} from 'apache-arrow';

const kindDictionary = 0;
const actorDictionary = 1;
export const kindType = new Dictionary(new Utf8(), new Int8(), kindDictionary);
export const actorType = new Dictionary(new Utf8(), new Int8(), actorDictionary);

const column = (name: string, type: DataType, isNullable = false): Field => new Field(name, type, isNullable);

/** In the order of the file. */
export const fields: readonly Field[] = [
  column('sequence', new Int64()),
  column('time_ns', new Int64()),
  column('kind', kindType),
  column('actor', actorType),
  column('fault_id', new Uint32()),
  column('address', new Uint64()),
  column('length_bytes', new Int64()),
  column('tid', new Uint32()),
  column('flags', new Uint64()),
  column('errno', new Uint16()),
  column('out', new Int64()),
  column('raised_ns', new Int64(), true),
  column('read_ns', new Int64(), true),
  column('fault_flags', new Uint8(), true),
];

export function traceSchema(metadata: Map<string, string>): Schema {
  return new Schema([...fields], metadata);
}
