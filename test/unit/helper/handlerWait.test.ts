import assert from 'node:assert/strict';
import { findHandlerWaits, findUringWaits } from '../../../native-helper/inspect/handlerWait.ts';
import { findHolders } from '../../../native-helper/inspect/holders.ts';
import { waitSyscalls } from '../../../native-helper/inspect/waitSyscalls.ts';
import { ProcTree } from './procTree.ts';

const inode = 178229;
const otherInode = 178230;

/** A /proc syscall line of a call that both architectures have. */
function syscallLine(name: string, ...args: number[]): string {
  const [number] = [...waitSyscalls(process.arch)].find(([, wait]) => wait.name === name)!;
  const words = [...args, 0, 0, 0, 0, 0, 0].slice(0, 6).concat(0x7f000000, 0x7f000008);
  return `${number} ${words.map((word) => `0x${word.toString(16)}`).join(' ')}\n`;
}

describe('findHolders', () => {
  let proc: ProcTree;
  beforeEach(() => (proc = new ProcTree()));
  afterEach(() => proc.remove());

  it('finds every process with a descriptor of the inode, with all of these descriptors', () => {
    proc.uffd(10, 3, inode);
    proc.uffd(10, 4, otherInode);
    proc.uffd(10, 9, inode);
    proc.uffd(2, 7, inode);
    proc.uffd(11, 3, otherInode);
    proc.descriptor(12, 3, '/dev/null', `pos:\t0\nino:\t${inode}\n`);
    const holders = findHolders(proc.root, inode);
    assert.deepEqual(
      holders.map(({ pid, fds }) => ({ pid, fds: [...fds].sort() })),
      [
        { pid: 2, fds: [7] },
        { pid: 10, fds: [3, 9] },
      ],
    );
  });

  it('passes over processes that are gone and over what is no process', () => {
    proc.file('13/comm', 'gone\n');
    proc.file('self/comm', 'x\n');
    proc.file('meminfo', '');
    assert.deepEqual(findHolders(proc.root, inode), []);
  });
});

describe('findHandlerWaits', () => {
  let proc: ProcTree;
  beforeEach(() => {
    proc = new ProcTree();
    proc.uffd(7, 3, inode);
    proc.thread(7, 7, 'main', {});
  });
  afterEach(() => proc.remove());

  const found = () => findHandlerWaits(proc.root, findHolders(proc.root, inode), inode)[0];
  const handler = (syscall: string): void => proc.thread(7, 8, 'handler', { syscall });
  const waitsIn = (syscall: string) => ({ pid: 7, tid: 8, comm: 'handler', syscall });

  it('finds every thread that waits, but for one that a tracer has stopped there', () => {
    for (const [tid, state] of [
      [8, 'S'],
      [9, 't'],
      [10, 'T'],
    ] as const) {
      proc.thread(7, tid, 'handler', {
        syscall: '0 0x3 0x7ffe 0x20 0x0 0x0 0x0 0x7ffd 0x7fff\n',
        stat: `${tid} (a) handler) ${state} 1 1\n`,
      });
    }
    assert.deepEqual(
      findHandlerWaits(proc.root, findHolders(proc.root, inode), inode)
        .map(({ tid }) => tid)
        .sort((a, b) => a - b),
      [8, 10],
    );
  });

  it('finds a thread in read, and none that reads another descriptor', () => {
    handler(syscallLine('read', 3));
    assert.deepEqual(found(), waitsIn('read'));
    handler(syscallLine('read', 0));
    assert.equal(found(), undefined);
  });

  it('finds a thread in poll by the memory of its process', () => {
    handler(syscallLine('ppoll', 0x2e20, 2));
    const fds = new Int32Array([0, 1, 3, 1]);
    proc.sparseFile('7/mem', 0x2e20, new Uint8Array(fds.buffer));
    assert.deepEqual(found(), waitsIn('ppoll'));
    fds[2] = 4;
    proc.sparseFile('7/mem', 0x2e20, new Uint8Array(fds.buffer));
    assert.equal(found(), undefined);
  });

  it('finds a thread in select by the memory of its process', () => {
    handler(syscallLine('pselect6', 4, 0x2e20));
    proc.sparseFile('7/mem', 0x2e20, new Uint8Array([0b1000, 0, 0, 0, 0, 0, 0, 0]));
    assert.deepEqual(found(), waitsIn('pselect6'));
    proc.sparseFile('7/mem', 0x2e20, new Uint8Array([0b0100, 0, 0, 0, 0, 0, 0, 0]));
    assert.equal(found(), undefined);
  });

  it('takes memory that ends or cannot be read as no wait', () => {
    handler(syscallLine('ppoll', 0x2e20, 2));
    assert.equal(found(), undefined);
    proc.sparseFile('7/mem', 0x2e20, new Uint8Array(new Int32Array([0, 1, 3, 1]).buffer, 0, 15));
    assert.equal(found(), undefined);
  });

  it('finds a thread in epoll by the inode its instance watches, even through a closed number', () => {
    handler(syscallLine('epoll_pwait', 4));
    proc.epoll(7, 4, [
      { fd: 0, inode: 5 },
      { fd: 99, inode },
    ]);
    assert.deepEqual(found(), waitsIn('epoll_pwait'));
  });

  it('does not mistake another ctx, watched at the same number, for ours', () => {
    handler(syscallLine('epoll_pwait', 4));
    proc.epoll(7, 4, [{ fd: 3, inode: otherInode }]);
    assert.equal(found(), undefined);
  });

  it('finds an epoll instance that watches through others', () => {
    const eventpollInode = 1038;
    handler(syscallLine('epoll_pwait', 14));
    for (const fd of [14, 13, 12, 11]) {
      proc.epoll(7, fd, [{ fd: fd - 1, inode: eventpollInode }]);
    }
    proc.epoll(7, 10, [{ fd: 3, inode }]);
    assert.deepEqual(found(), waitsIn('epoll_pwait'));
  });

  it('does not run in circles where numbers of epoll instances were used again', () => {
    handler(syscallLine('epoll_pwait', 4));
    proc.epoll(7, 4, [{ fd: 5, inode: 1038 }]);
    proc.epoll(7, 5, [{ fd: 4, inode: 1038 }]);
    assert.equal(found(), undefined);
  });

  it('takes a thread in io_uring_enter as waiting if its ring has polls armed and nobody can tell for what', () => {
    handler(syscallLine('io_uring_enter', 6, 0, 1, 1));
    assert.equal(found(), undefined);
    proc.descriptor(7, 6, 'anon_inode:[io_uring]', uringInfo({ armed: 0 }));
    assert.equal(found(), undefined);
    proc.file('7/fdinfo/6', uringInfo({ armed: 1 }));
    assert.deepEqual(found(), waitsIn('io_uring_enter'));
  });

  it('finds the handler in another holder, by its own descriptor number', () => {
    proc.uffd(20, 11, inode);
    proc.thread(20, 21, 'pager', { syscall: syscallLine('read', 11) });
    handler(syscallLine('read', 11));
    assert.deepEqual(found(), { pid: 20, tid: 21, comm: 'pager', syscall: 'read' });
  });

  it('finds nobody when the threads are gone, run, or sleep elsewhere', () => {
    handler('-1 0x7ffd921527b0 0x7f9c2fc3f2ec\n');
    proc.file('7/task/9/comm', 'gone\n');
    assert.equal(found(), undefined);
    assert.deepEqual(findHandlerWaits(proc.root, [{ pid: 99, fds: [3] }], inode), []);
  });

  it('finds a thread in poll on an epoll instance that watches the uffd', () => {
    proc.epoll(7, 4, [{ fd: 3, inode }]);
    const number = [...waitSyscalls(process.arch)].find(([, { name }]) => name === 'ppoll')![0];
    proc.thread(7, 8, 'loop', {
      syscall: `${number} 0x2e20 0x1 0x0 0x0 0x0 0x0 0x7f000000 0x7f000008\n`,
    });
    proc.sparseFile('7/mem', 0x2e20, new Uint8Array(new Int32Array([4, 1]).buffer));
    assert.equal(found()?.syscall, 'ppoll');
  });

  it('finds a thread behind six nested epoll instances, the most the kernel allows', () => {
    const number = [...waitSyscalls(process.arch)].find(([, { name }]) => name === 'epoll_pwait')![0];
    proc.thread(7, 8, 'loop', {
      syscall: `${number} 0xf 0x0 0x0 0x0 0x0 0x0 0x7f000000 0x7f000008\n`,
    });
    for (const fd of [15, 14, 13, 12, 11]) {
      proc.epoll(7, fd, [{ fd: fd - 1, inode: 1038 }]);
    }
    proc.epoll(7, 10, [{ fd: 3, inode }]);
    assert.equal(found()?.syscall, 'epoll_pwait');
  });
});

describe('findUringWaits', () => {
  let proc: ProcTree;
  beforeEach(() => {
    proc = new ProcTree();
    proc.uffd(7, 3, inode);
    proc.thread(7, 7, 'main', {});
    proc.file('7/comm', 'server\n');
    proc.file(
      '7/maps',
      '00400000-00401000 r-xp 00000000 fe:00 1 /usr/bin/server\n' +
        '00001000-00002000 rw-s 10000000 00:10 99                       anon_inode:[io_uring]\n' +
        '00002000-00003000 rw-s 00000000 00:10 99                       anon_inode:[io_uring]\n',
    );
  });
  afterEach(() => proc.remove());

  const found = () => findUringWaits(proc.root, findHolders(proc.root, inode), inode);
  const ring = (info: string): void => proc.descriptor(7, 6, 'anon_inode:[io_uring]', info);
  const waits = (hasKernelThread = false) => [{ pid: 7, comm: 'server', hasKernelThread }];

  /** Submission entries: opcode, flags, descriptor. */
  function entries(...list: (readonly [number, number, number])[]): void {
    const view = new DataView(new ArrayBuffer(4096));
    list.forEach(([opcode, flags, fd], i) => {
      view.setUint8(64 * i, opcode);
      view.setUint8(64 * i + 1, flags);
      view.setInt32(64 * i + 4, fd, true);
    });
    proc.sparseFile('7/mem', 0x1000, new Uint8Array(view.buffer));
  }
  const [pollAdd, read, write] = [6, 22, 23];

  it('finds one that polls or reads the uffd, itself or through an epoll instance', () => {
    ring(uringInfo({ armed: 1 }));
    entries([pollAdd, 0, 4], [pollAdd, 0, 3]);
    assert.deepEqual(found(), waits());
    entries([pollAdd, 4, 0], [read, 4, 3]);
    assert.deepEqual(found(), waits());
    proc.epoll(7, 5, [{ fd: 3, inode }]);
    entries([pollAdd, 0, 5]);
    assert.deepEqual(found(), waits());
  });

  it('finds none that waits for something else, or has nothing armed', () => {
    ring(uringInfo({ armed: 1 }));
    entries([pollAdd, 0, 4], [write, 0, 3]);
    assert.deepEqual(found(), []);
    entries([pollAdd, 0, 3]);
    proc.file('7/fdinfo/6', uringInfo({ armed: 0 }));
    assert.deepEqual(found(), []);
  });

  it('knows registered files by their names, and does not take their index for a descriptor', () => {
    const isFixed = 1;
    ring(uringInfo({ armed: 1, files: ['/dev/null', 'anon_inode:[userfaultfd]'] }));
    entries([pollAdd, isFixed, 3]);
    assert.deepEqual(found(), []);
    entries([pollAdd, isFixed, 1]);
    assert.deepEqual(found(), waits());
  });

  it('is not sure when entries have been overwritten', () => {
    ring(uringInfo({ armed: 1, submitted: 9 }));
    entries([pollAdd, 0, 4]);
    assert.deepEqual(found(), []);
    proc.thread(7, 8, 'loop', { syscall: syscallLine('io_uring_enter', 6, 0, 1, 1) });
    assert.equal(findHandlerWaits(proc.root, findHolders(proc.root, inode), inode)[0]?.tid, 8);
  });

  it('knows that stopping the threads stops it, unless the kernel has one of its own', () => {
    ring(uringInfo({ armed: 1 }));
    entries([pollAdd, 0, 3]);
    proc.thread(7, 7, 'main', { stat: '7 (main) t 1 1\n' });
    assert.deepEqual(found(), []);
    proc.file('7/fdinfo/6', uringInfo({ armed: 1, sqThread: 12 }));
    assert.deepEqual(found(), waits(true));
  });
});

/** fdinfo of an io_uring of 8 entries as kernel 6.18 writes it. */
function uringInfo({ armed = 0, submitted = 3, sqThread = -1, files = [] as string[] }): string {
  return (
    `pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t99\nSqMask:\t0x7\nSqHead:\t${submitted}\nSqTail:\t${submitted}\n` +
    `SQEs:\t0\nCQEs:\t0\nSqThread:\t${sqThread}\nUserFiles:\t${files.length}\n` +
    files.map((file, i) => `${String(i).padStart(5)}: ${file}\n`).join('') +
    `UserBufs:\t0\nPollList:\n${'  op=6, task_works=0\n'.repeat(armed)}CqOverflowList:\n`
  );
}
