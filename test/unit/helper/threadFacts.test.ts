import assert from 'node:assert/strict';
import { CodeMap } from '../../../native-helper/inspect/codeLocation.ts';
import { parseHugePages } from '../../../native-helper/inspect/machineFacts.ts';
import { parsePlace } from '../../../native-helper/inspect/threadFacts.ts';

describe('parsePlace', () => {
  it('tells running, a fault of the program, and a system call with its arguments', () => {
    assert.deepEqual(parsePlace('running\n', 'x64'), { kind: 'running' });
    assert.deepEqual(parsePlace('-1 0x7ffe 0x401005\n', 'x64'), { kind: 'user', pc: 0x401005n });
    assert.deepEqual(parsePlace('11 0x1000 0x2000 0x0 0x0 0x0 0x0 0x7ffe 0x401005\n', 'x64'), {
      kind: 'syscall',
      name: 'munmap',
      args: [0x1000n, 0x2000n, 0n, 0n, 0n, 0n],
      pc: 0x401005n,
    });
    const unnamed = parsePlace('999 0x1 0x2 0x0 0x0 0x0 0x0 0x7ffe 0x4\n', 'arm64');
    assert.equal(unnamed.kind === 'syscall' && unnamed.name, 'syscall 999');
  });

  it('takes everything else as unknown', () => {
    for (const line of ['', '0', '-1 0x1', 'x', '11 0x1 0x2', '-1 1 2', '0 0x1 0x2 0x3 zz 0x5 0x6 0x7 0x8']) {
      assert.deepEqual(parsePlace(line, 'x64'), { kind: 'unknown' }, line);
    }
  });
});

describe('CodeMap', () => {
  const code = new CodeMap(
    [
      '00400000-00401000 r--p 00000000 08:01 42                         /usr/bin/a program',
      '00401000-00402000 r-xp 00001000 08:01 42                         /usr/bin/a program',
      '7f0000000000-7f0000001000 r-xp 00000000 00:00 0                  [vdso]',
      'not a mapping',
    ].join('\n'),
  );

  it('finds file and offset of an address', () => {
    assert.deepEqual(code.locate(0x401234n), {
      address: '0x401234',
      path: '/usr/bin/a program',
      fileOffset: '0x1234',
    });
  });

  it('knows no file for memory without one', () => {
    for (const pc of [0x7f0000000010n, 0x1n]) {
      assert.equal(code.locate(pc).path, '');
    }
  });
});

describe('parseHugePages', () => {
  it('reads the pool of the default size, and nothing from other text', () => {
    assert.deepEqual(parseHugePages('HugePages_Free:        3\nHugepagesize:       2048 kB\n'), {
      free: 3,
      pageBytes: 2 * 1024 * 1024,
    });
    assert.equal(parseHugePages('MemTotal: 1 kB\n'), null);
  });
});
