import assert from 'node:assert/strict';
import {
  inspectProcess,
  isKilled,
  listPids,
  readCommandLine,
} from '../../../native-helper/inspect/processes.ts';
import { readWaiters } from '../../../native-helper/inspect/waiters.ts';
import { ProcTree, uffdInfo } from './procTree.ts';

const registered =
  '7f9c2fb04000-7f9c2fb44000 rw-p 00000000 00:00 0 \nKernelPageSize:        4 kB\nVmFlags: rd wr mr mw me um ac \n';

describe('inspecting processes', () => {
  let proc: ProcTree;
  beforeEach(() => (proc = new ProcTree()));
  afterEach(() => proc.remove());

  it('lists the pids in ascending order, and nothing else of /proc', () => {
    for (const path of ['10/comm', '9/comm', '100/comm', 'self/comm', '1x/comm', 'meminfo']) {
      proc.file(path, '');
    }
    assert.deepEqual(listPids(proc.root), [9, 10, 100]);
  });

  it('finds itself in the real /proc', () => {
    assert.ok(listPids('/proc').includes(process.pid));
    assert.match(readCommandLine('/proc', process.pid), /mocha/);
  });

  it('knows one that SIGKILL is on its way to, for a thread or for all, from others and from none', () => {
    const pending = [
      ['0000000000000000', '0000000000000100', true],
      ['0000000000000100', '0000000000000000', true],
      ['0000000000000000', '0000000000004300', true],
      ['0000000000000200', '0000000000004000', false],
    ] as const;
    for (const [thread, all, isOnItsWay] of pending) {
      proc.file('7/status', `Name:\tguest\nSigPnd:\t${thread}\nShdPnd:\t${all}\nSigBlk:\t0000000000000100\n`);
      assert.equal(isKilled(proc.root, 7), isOnItsWay, `${thread} ${all}`);
    }
    assert.equal(isKilled(proc.root, 8), false);
  });

  it('tells everything about a process with uffds', () => {
    proc.file('7/comm', 'guest\n');
    proc.file('7/cmdline', 'guest\0--memory\0two words\0');
    proc.descriptor(7, 3, 'anon_inode:[userfaultfd]', uffdInfo({ inode: 50, pending: 1, total: 2 }));
    proc.descriptor(7, 0, '/dev/null', 'pos:\t0\n');
    proc.thread(7, 7, 'guest', { wchan: 'futex_wait_queue' });
    proc.thread(7, 8, 'vcpu0', { wchan: 'handle_userfault' });
    proc.file('7/smaps', registered);
    assert.deepEqual(inspectProcess(proc.root, 7), {
      pid: 7,
      comm: 'guest',
      commandLine: 'guest --memory two words',
      uffds: [
        {
          fd: 3,
          inode: 50,
          pending: 1,
          total: 2,
          features: ['THREAD_ID'],
          ioctls: 'REGISTER UNREGISTER WAKE COPY ZEROPAGE MOVE WRITEPROTECT CONTINUE POISON API'.split(' '),
          isApiDone: true,
          isBlocking: false,
        },
      ],
      waiters: [{ tid: 8, comm: 'vcpu0' }],
      ranges: [
        {
          start: '0x7f9c2fb04000',
          lengthBytes: 0x40000,
          modes: ['MISSING'],
          memory: 'anonymous',
          isShared: false,
          pageBytes: 4096,
          thpBytes: 0,
          backing: '',
        },
      ],
      unreadable: [],
    });
  });

  it('tells nothing of a process without a uffd, or that is gone', () => {
    proc.descriptor(7, 0, '/dev/null', 'pos:\t0\n');
    assert.equal(inspectProcess(proc.root, 7), undefined);
    assert.equal(inspectProcess(proc.root, 8), undefined);
  });

  it('leaves out a uffd that was closed while it looked, and the process if that was its last', () => {
    proc.uffd(7, 3, 50);
    proc.descriptor(7, 4, 'anon_inode:[userfaultfd]', 'pos:\t0\n');
    assert.deepEqual(
      inspectProcess(proc.root, 7)?.uffds.map(({ fd }) => fd),
      [3],
    );
    proc.descriptor(8, 4, 'anon_inode:[userfaultfd]', '');
    assert.equal(inspectProcess(proc.root, 8), undefined);
  });

  it('takes what has vanished meanwhile as empty', () => {
    proc.uffd(7, 3, 50);
    const { comm, commandLine, waiters, ranges, unreadable } = inspectProcess(proc.root, 7)!;
    assert.deepEqual(
      { comm, commandLine, waiters, ranges, unreadable },
      { comm: '', commandLine: '', waiters: [], ranges: [], unreadable: [] },
    );
  });
});

describe('debuggers', () => {
  it('stay out of the list, though they hold a uffd', () => {
    const proc = new ProcTree();
    try {
      for (const [pid, comm] of [
        [7, 'uffd-helper'],
        [8, 'uffd-guardian'],
        [9, 'target'],
      ] as const) {
        proc.uffd(pid, 3, 1);
        proc.file(`${pid}/comm`, `${comm}\n`);
      }
      assert.deepEqual(
        [7, 8, 9].map((pid) => inspectProcess(proc.root, pid)?.pid),
        [undefined, undefined, 9],
      );
    } finally {
      proc.remove();
    }
  });
});

describe('names', () => {
  it('outside ASCII are UTF-8', () => {
    const proc = new ProcTree();
    try {
      proc.uffd(7, 3, 1);
      proc.file('7/comm', 'gäst\n');
      proc.file('7/cmdline', '/opt/gäst\0--größe\0');
      assert.equal(inspectProcess(proc.root, 7)?.comm, 'gäst');
      assert.equal(inspectProcess(proc.root, 7)?.commandLine, '/opt/gäst --größe');
    } finally {
      proc.remove();
    }
  });
});

describe('readCommandLine', () => {
  let proc: ProcTree;
  beforeEach(() => (proc = new ProcTree()));
  afterEach(() => proc.remove());

  it('joins the arguments by blanks', () => {
    proc.file('7/cmdline', '/usr/bin/guest\0-m\0two words\0');
    assert.equal(readCommandLine(proc.root, 7), '/usr/bin/guest -m two words');
  });

  it('is empty for kernel threads and for what is gone', () => {
    proc.file('7/cmdline', '');
    assert.equal(readCommandLine(proc.root, 7), '');
    assert.equal(readCommandLine(proc.root, 8), '');
  });
});

describe('readWaiters', () => {
  let proc: ProcTree;
  beforeEach(() => (proc = new ProcTree()));
  afterEach(() => proc.remove());

  it('finds the threads whose wait channel is handle_userfault, and no others', () => {
    proc.thread(7, 7, 'main', { wchan: '0' });
    proc.thread(7, 8, 'in a fault', { wchan: 'handle_userfault' });
    proc.thread(7, 9, 'handler', { wchan: 'userfaultfd_read_iter' });
    proc.thread(7, 10, 'in an event', { wchan: 'userfaultfd_event_wait_completion' });
    proc.file('7/task/11/comm', 'no wchan\n');
    assert.deepEqual(readWaiters(proc.root, 7), [{ tid: 8, comm: 'in a fault' }]);
  });

  it('names a thread that has gone meanwhile by nothing', () => {
    proc.file('7/task/8/wchan', 'handle_userfault');
    assert.deepEqual(readWaiters(proc.root, 7), [{ tid: 8, comm: '' }]);
    assert.deepEqual(readWaiters(proc.root, 99), []);
  });
});
