import assert from 'node:assert/strict';
import { parseUffdInfo, readUffd, uffdNumbers } from '../../../native-helper/inspect/descriptors.ts';
import { ProcTree, uffdInfo } from './procTree.ts';
import { SeededRandom } from './seededRandom.ts';

describe('parseUffdInfo', () => {
  it('reads the fdinfo of kernel 6.18', () => {
    assert.deepEqual(parseUffdInfo(3, uffdInfo({ pending: 2, total: 5 })), {
      fd: 3,
      inode: 178229,
      pending: 2,
      total: 5,
      features: ['THREAD_ID'],
      ioctls: [
        'REGISTER',
        'UNREGISTER',
        'WAKE',
        'COPY',
        'ZEROPAGE',
        'MOVE',
        'WRITEPROTECT',
        'CONTINUE',
        'POISON',
        'API',
      ],
      isApiDone: true,
      isBlocking: false,
    });
  });

  it('tells a blocking descriptor by its O_NONBLOCK', () => {
    assert.equal(parseUffdInfo(3, uffdInfo({ flags: '02000000' }))?.isBlocking, true);
    assert.equal(parseUffdInfo(3, uffdInfo({ flags: '04002' }))?.isBlocking, false);
  });

  it('tells a descriptor that has not been through UFFDIO_API', () => {
    const info = parseUffdInfo(3, uffdInfo({ api: '0' }));
    assert.equal(info?.isApiDone, false);
    assert.deepEqual(info.features, []);
  });

  it('shows features it does not know as hex', () => {
    assert.deepEqual(parseUffdInfo(3, uffdInfo({ api: '80020001' }))?.features, [
      'PAGEFAULT_FLAG_WP',
      '0x20000',
    ]);
  });

  it('shows ioctls it does not know as hex', () => {
    const text = uffdInfo().replace('80000000000001ff', '800');
    assert.deepEqual(parseUffdInfo(3, text)?.ioctls, ['0x800']);
  });

  it('passes over lines it does not know', () => {
    const text = uffdInfo().replace('pending:', 'lock:\t1: POSIX  ADVISORY\nnothing\n\npending:');
    assert.deepEqual(parseUffdInfo(3, text), parseUffdInfo(3, uffdInfo()));
  });

  it('gives nothing for the fdinfo of other files', () => {
    assert.equal(parseUffdInfo(0, 'pos:\t0\nflags:\t0100000\nmnt_id:\t17\nino:\t40\n'), undefined);
    assert.equal(
      parseUffdInfo(4, 'pos:\t0\nflags:\t02\nmnt_id:\t17\nino:\t1038\ntfd:        3 events: 19\n'),
      undefined,
    );
    assert.equal(parseUffdInfo(0, ''), undefined);
  });

  it('gives nothing when any of its fields is missing or no number', () => {
    for (const field of ['flags', 'ino', 'pending', 'total', 'API']) {
      const line = new RegExp(`^${field}:.*\n`, 'm');
      assert.equal(parseUffdInfo(3, uffdInfo().replace(line, '')), undefined, `no ${field}`);
      assert.equal(parseUffdInfo(3, uffdInfo().replace(line, `${field}:\t?\n`)), undefined, `bad ${field}`);
    }
  });

  it('gives all or nothing of a text that is cut off', () => {
    const text = uffdInfo({ pending: 12, total: 34 });
    const whole = parseUffdInfo(3, text);
    for (let length = 0; length <= text.length; length++) {
      const expected = length === text.length ? whole : undefined;
      assert.deepEqual(parseUffdInfo(3, text.slice(0, length)), expected, `first ${length} characters`);
    }
  });

  it('never throws, and gives only counts, whatever the text', () => {
    const random = new SeededRandom(21);
    let parsed = 0;
    for (let i = 0; i < 5000; i++) {
      const text = random.damage(uffdInfo({ pending: 3, total: 4 }));
      const info = parseUffdInfo(3, text);
      if (info !== undefined) {
        parsed++;
        for (const count of [info.inode, info.pending, info.total]) {
          assert.ok(Number.isSafeInteger(count) && count >= 0, JSON.stringify(text));
        }
      }
    }
    assert.ok(parsed > 0 && parsed < 5000);
  });
});

describe('the descriptors of a process', () => {
  let proc: ProcTree;
  beforeEach(() => (proc = new ProcTree()));
  afterEach(() => proc.remove());

  it('are searched for uffds', () => {
    proc.descriptor(7, 0, '/dev/null', 'pos:\t0\n');
    proc.uffd(7, 12, 100);
    proc.epoll(7, 4, [{ fd: 12, inode: 100 }]);
    proc.descriptor(7, 5, '/tmp/anon_inode:[userfaultfd]', 'pos:\t0\n');
    proc.uffd(7, 3, 101);
    const found = uffdNumbers(proc.root, 7);
    assert.ok('numbers' in found);
    assert.deepEqual(
      found.numbers.sort((a, b) => a - b),
      [3, 12],
    );
    assert.equal(readUffd(proc.root, 7, 12)?.inode, 100);
  });

  it('are gone when the process is', () => {
    assert.deepEqual(uffdNumbers(proc.root, 8), { unreadable: 'gone' });
  });

  it('may be closed between listing and reading', () => {
    proc.uffd(7, 3, 101);
    assert.equal(readUffd(proc.root, 7, 4), undefined);
    assert.equal(readUffd(proc.root, 8, 3), undefined);
  });
});
