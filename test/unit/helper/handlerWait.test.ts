import assert from 'node:assert/strict';
import { findHandlerWaits } from '../../../native-helper/inspect/handlerWait.ts';
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

  it('takes a thread in io_uring_enter as waiting if its process has an io_uring', () => {
    handler(syscallLine('io_uring_enter', 6, 0, 1, 1));
    assert.equal(found(), undefined);
    proc.descriptor(7, 6, 'anon_inode:[io_uring]', 'pos:\t0\n');
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
