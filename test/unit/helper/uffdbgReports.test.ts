import assert from 'node:assert/strict';
import { jsonReport } from '../../../native-helper/cli/jsonReport.ts';
import { TextReport } from '../../../native-helper/cli/textReport.ts';
import { rowKinds, type EventRow, type RowKind } from '../../../native-helper/log/eventRows.ts';
import { sessionDto } from '../extension/fakeHelper.ts';

function row(kind: RowKind, fields: Partial<EventRow> = {}): EventRow {
  return {
    kind,
    actor: 'rule',
    timeNs: 1_500_000,
    faultId: 3,
    address: 0x7f0000001000n,
    lengthBytes: 4096,
    tid: 17,
    flags: 0n,
    errno: 0,
    out: 4096n,
    ...fields,
  };
}
const parsed = (event: EventRow): Record<string, unknown> =>
  JSON.parse(jsonReport.row(1, 9, event)[0]!) as Record<string, unknown>;
const text = (event: EventRow): string => new TextReport().row(1, 9, event)[0]!.trim();

describe('reports of uffdbg', () => {
  it('are one line for every kind of row, with its address in hex', () => {
    for (const kind of rowKinds) {
      const json = jsonReport.row(1, 9, row(kind));
      assert.equal(json.length, 1);
      const { event, sequence, timeNs } = parsed(row(kind));
      assert.deepEqual({ event, sequence, timeNs }, { event: kind, sequence: 9, timeNs: 1_500_000 });
      assert.ok(!json[0]!.includes('\n') && !text(row(kind)).includes('\n'));
      if (kind !== 'fork' && kind !== 'lost') {
        assert.equal(parsed(row(kind))['address'], '0x7f0000001000');
      }
    }
  });

  it('name errno, mode and what the answer means', () => {
    const failed = row('copy', { flags: 3n, errno: 17, out: -17n });
    const { mode, errno, out } = parsed(failed);
    assert.deepEqual({ mode, errno, out }, { mode: ['DONTWAKE', 'WP'], errno: 'EEXIST', out: '-17' });
    assert.match(
      text(failed),
      /^0\.001500 0 fault 3 COPY DONTWAKE WP by rule, 4096 bytes at 0x7f0000001000: EEXIST, .*already there/,
    );
  });

  it('show the kind of a fault, and unknown bits as they are', () => {
    assert.deepEqual(parsed(row('raised', { flags: 0x13n, out: 1n }))['flags'], ['WRITE', 'WP', '0x10']);
    assert.match(text(row('raised', { flags: 1n, out: 1n })), /raised by thread 17, inferred: MISSING WRITE/);
    assert.match(text(row('raised', { tid: 0, out: 0n })), /by an unknown thread/);
  });

  it('say where the code is that raised a fault', () => {
    const report = new TextReport();
    report.session(sessionDto(1));
    const code = row('code', { address: 0x401136n });
    assert.match(report.row(1, 9, code)[0]!, /fault 3 raised at 0x401136$/);
    const location = { address: '0x401136', path: '/bin/vmm', fileOffset: '0x1136' };
    assert.deepEqual(report.code(1, location), []);
    assert.match(report.row(1, 9, code)[0]!, /fault 3 raised at 0x401136 \(\/bin\/vmm \+ 0x1136\)$/);

    const { event, address, tid, mode } = parsed(code);
    assert.deepEqual(
      { event, address, tid, mode },
      { event: 'code', address: '0x401136', tid: 17, mode: undefined },
    );
    const told = JSON.parse(jsonReport.code(1, location)[0]!) as unknown;
    assert.deepEqual(told, { event: 'codeLocation', sessionId: 1, ...location });
  });

  it('show where a remap went and which rule noted a fault', () => {
    assert.equal(parsed(row('remap', { out: 0x7e0000000000n }))['to'], '0x7e0000000000');
    assert.equal(parsed(row('log', { out: 2n }))['rule'], 2);
    assert.match(text(row('log', { out: 2n })), /noted by rule 2/);
  });
});
