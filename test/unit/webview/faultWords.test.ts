import assert from 'node:assert/strict';
import {
  ageInWords,
  faultSentence,
  flagsInWords,
  rowInWords,
  threadName,
} from '../../../webview/model/faultWords.ts';
import { copy, raised, read, row, traceOf, wake } from './buildRows.ts';

describe('faults and rows in words', () => {
  it('names the access that faulted', () => {
    assert.equal(flagsInWords(0n), 'MISSING — read of a missing page');
    assert.equal(flagsInWords(1n), 'MISSING WRITE — write to a missing page');
    assert.equal(flagsInWords(3n), 'WRITE WP — write to a write-protected page');
    assert.match(flagsInWords(8n), /0x8/, 'an unknown flag is shown as a number');
  });

  it('says what an ioctl did, by whom, and its signed out field', () => {
    assert.equal(rowInWords(copy(1, 5)), 'COPY by you: 4096 bytes at 0x5000, out 4096');
    assert.equal(
      rowInWords(copy(1, 5, { dontWake: true, actor: 'rule' })),
      'COPY DONTWAKE by the rule: 4096 bytes at 0x5000, out 4096',
    );
    assert.equal(rowInWords(wake(1, 5, 2)), 'WAKE by you: 8192 bytes at 0x5000');
  });

  it('explains a failure by errno name and meaning', () => {
    const words = rowInWords(copy(1, 5, { errno: 17, out: -17n }));
    assert.match(words, /→ EEXIST, out -17: .*nobody was woken/);
  });

  it('tells of raises and of events it does not know', () => {
    assert.match(rowInWords(raised(1, 1, 5, 42)), /Raised by thread 42: MISSING.* at 0x5000/);
    assert.match(rowInWords(row('unknown', 1, { flags: 0x17n })), /0x17/);
    assert.match(
      rowInWords(row('remap', 1, { address: 0x1000n, lengthBytes: 4096, out: 0x9000n })),
      /to 0x9000/,
    );
  });

  it('calls threads by name where it is known', () => {
    assert.equal(threadName(7, 'worker'), 'worker 7');
    assert.equal(threadName(7), 'Thread 7');
    assert.equal(threadName(0), 'Unknown thread');
  });

  const names = {
    threadName: (tid: number) => `worker ${tid}`,
    codeName: (code: string) => `touch at ${code}`,
  };

  it('says all about a fault in one sentence', () => {
    const { faults } = traceOf(raised(1e9, 3, 5, 42), read(1e9 + 10, 3));
    assert.equal(
      faultSentence(faults, 0, 3e9, names),
      'Fault 3, worker 42, address 0x5000, held, asleep for 2.00 s.',
    );
  });

  it('says which code raised a fault, where that is known', () => {
    const { faults } = traceOf(row('code', 1e9, { faultId: 3, address: 0x401136n }), raised(1e9, 3, 5, 42));
    assert.match(faultSentence(faults, 0, 3e9, names), /^Fault 3, worker 42, in touch at 0x401136, address/);
  });

  it('knows only the least age of a fault that was raised before the session', () => {
    const { faults } = traceOf(raised(0, 3, 5, 42), read(10, 3));
    assert.equal(ageInWords(faults, 0, 2e9), '≥ 2.00 s');
    assert.match(faultSentence(faults, 0, 2e9, names), /asleep for at least 2.00 s, raised before attach\.$/);
  });

  it('says of what the end of a session handed back whether its process was gone', () => {
    const { faults } = traceOf(
      ...[raised(10, 1, 5, 42), read(11, 1), wake(20, 5)],
      ...[raised(30, 2, 5, 42), read(31, 2), { ...wake(40, 5), actor: 'detach' as const }],
    );
    assert.equal(faults.phase(1), 'handedBack');
    faults.isProcessGone = true;
    assert.equal(faults.phase(0), 'handedBack');
    assert.equal(faults.phase(1), 'endedWithProcess');
  });
});
