/** Trace files in the eyes of Arrow libraries that did not write them. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tableFromIPC } from '@uwdata/flechette';
import { csvColumns } from '../../../../extension/trace/csvExport.ts';
import { rowKinds, type EventRow } from '../../../../native-helper/log/eventRows.ts';
import { servedMark } from '../../../../native-helper/log/servedRows.ts';
import { batchesOf, extremeRow, fileOf, lostRow, servedAtOnce, servedFaults } from './sampleRecording.ts';

const rows: readonly EventRow[] = [
  ...servedFaults(50),
  ...servedAtOnce(50),
  lostRow,
  ...rowKinds.filter((kind) => kind !== 'lost').map((kind) => ({ ...extremeRow, kind })),
];

/** What the columns of a row hold; 64-bit integers as decimal text. */
function expected(row: EventRow, i: number): unknown[] {
  const { raisedBeforeNs = 0, readBeforeNs = 0, faultFlags = 0 } = row;
  const isServed = faultFlags !== 0;
  return [
    String(i + 1),
    String(row.timeNs),
    row.kind,
    row.actor,
    row.faultId,
    String(row.address),
    String(row.lengthBytes),
    row.tid,
    String(row.flags),
    row.errno,
    String(row.out),
    isServed || row.kind === 'lost' ? String(row.timeNs - raisedBeforeNs) : null,
    isServed ? String(row.timeNs - readBeforeNs) : null,
    isServed ? faultFlags & ~servedMark : null,
  ];
}

describe('an independent Arrow reader', () => {
  for (const isEnded of [true, false]) {
    it(`reads every value of a recording that was ${isEnded ? 'stopped' : 'not stopped'}`, () => {
      const table = tableFromIPC(fileOf(batchesOf(rows, 40), isEnded), { useBigInt: true });
      assert.deepEqual(table.names, [...csvColumns]);
      const values = table
        .toArray()
        .map((row: Record<string, unknown>) =>
          csvColumns.map((name) => (typeof row[name] === 'bigint' ? String(row[name]) : row[name])),
        );
      assert.deepEqual(values, rows.map(expected));
      assert.equal(table.schema.metadata?.get('uffd.kernel_release'), '6.18.0');
    });
  }

  it('pyarrow reads the same, and a recording that was cut off up to its last whole batch', function () {
    this.timeout(60_000);
    if (spawnSync('python3', ['-I', '-c', 'import pyarrow']).status !== 0) {
      console.log('      skipped: python3 has no pyarrow; `pip install pyarrow` gives it one');
      this.skip();
    }
    const folder = mkdtempSync(path.join(tmpdir(), 'uffd-pyarrow-'));
    try {
      const file = path.join(folder, 'cut.uffd.arrows');
      const bytes = fileOf(batchesOf(rows, 40), false);
      writeFileSync(file, bytes.subarray(0, bytes.length - 100));
      const found = JSON.parse(
        execFileSync('python3', ['-I', '-c', program, file], { encoding: 'utf8' }),
      ) as unknown[][];
      const whole = 40 * Math.floor(rows.length / 40);
      assert.deepEqual(found, rows.slice(0, whole).map(expected));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const program = `
import json, sys
import pyarrow as pa
rows = []
with pa.ipc.open_stream(sys.argv[1]) as stream:
    wide = {field.name for field in stream.schema if str(field.type) in ('int64', 'uint64')}
    try:
        for batch in stream:
            for row in batch.to_pylist():
                rows.append([str(v) if v is not None and k in wide else v for k, v in row.items()])
    except (pa.ArrowInvalid, OSError):
        pass
print(json.dumps(rows))
`;
