import assert from 'node:assert/strict';
import { parseSyscallLine } from '../../../native-helper/inspect/handlerWait.ts';
import {
  waitSyscalls,
  type WaitContext,
  type WaitSyscall,
} from '../../../native-helper/inspect/waitSyscalls.ts';
import { SeededRandom } from './seededRandom.ts';

const setAddress = 0x7f9c2fb02e20n;

/** A process with uffd 3 and epoll instance 5 on it, and `memory` at `setAddress`; the rest is unreadable. */
function context(
  memory: Uint8Array<ArrayBuffer> = new Uint8Array(0),
  uringsOnUffd: number[] = [],
): WaitContext {
  return {
    isUffd: (fd) => fd === 3,
    isEpollOnUffd: (fd) => fd === 5,
    isUringOnUffd: (fd) => (fd === undefined ? uringsOnUffd.length > 0 : uringsOnUffd.includes(fd)),
    readMemory: (address, lengthBytes) =>
      address === setAddress && lengthBytes <= memory.byteLength
        ? new DataView(memory.buffer, 0, lengthBytes)
        : undefined,
  };
}

function call(name: string, architecture = 'x64'): WaitSyscall {
  const found = [...waitSyscalls(architecture).values()].find((wait) => wait.name === name);
  assert.ok(found, name);
  return found;
}

/** `struct pollfd` for each descriptor, asking for POLLIN. */
function pollFds(...fds: number[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(8 * fds.length));
  fds.forEach((fd, i) => {
    view.setInt32(8 * i, fd, true);
    view.setInt16(8 * i + 4, 1, true);
  });
  return new Uint8Array(view.buffer);
}

/** An `fd_set` of `lengthBytes` with these bits. */
function fdSet(lengthBytes: number, ...fds: number[]): Uint8Array<ArrayBuffer> {
  const set = new Uint8Array(lengthBytes);
  fds.forEach((fd) => (set[fd >> 3]! |= 1 << (fd & 7)));
  return set;
}

const args = (...list: (bigint | number)[]): bigint[] => [...list, 0, 0, 0, 0, 0, 0].slice(0, 6).map(BigInt);

describe('parseSyscallLine', () => {
  /** Lines of a real handler thread in each of these calls. */
  const x64Lines = {
    poll: '7 0x7f9c2fb02e20 0x2 0xffffffff 0x7f9c2fb558d0 0x0 0x7ffd921527f7 0x7f9c2fb02dd0 0x7f9c2fc4326f\n',
    pselect6: '270 0x4 0x7f8edfbd4e20 0x0 0x0 0x0 0x0 0x7f8edfbd4d90 0x7f8edfd179ec\n',
    epoll_wait: '232 0x4 0x7f3de3f55e20 0x1 0xffffffff 0x0 0x7fff7b498c57 0x7f3de3f55dd0 0x7f3de40a2f36\n',
    read: '0 0x3 0x7fb9d7d13e00 0x20 0x7fb9d7d67b60 0x0 0x7ffcc4fd9a17 0x7fb9d7d13dd0 0x7fb9d7e502ec\n',
  };

  it('tells the calls of real threads on x64', () => {
    for (const [name, line] of Object.entries(x64Lines)) {
      assert.equal(parseSyscallLine(line, 'x64')?.wait.name, name);
    }
    assert.deepEqual(parseSyscallLine(x64Lines.read, 'x64')?.args, [
      3n,
      0x7fb9d7d13e00n,
      0x20n,
      0x7fb9d7d67b60n,
      0n,
      0x7ffcc4fd9a17n,
    ]);
  });

  it('tells the same numbers apart by architecture', () => {
    const line = (number: number): string => `${number} 0x3 0x0 0x0 0x0 0x0 0x0 0xffff0 0xffff8\n`;
    const names = (architecture: string, numbers: number[]) =>
      numbers.map((number) => parseSyscallLine(line(number), architecture)?.wait.name);
    assert.deepEqual(names('arm64', [0, 7, 22, 63, 72, 73, 232]), [
      undefined,
      undefined,
      'epoll_pwait',
      'read',
      'pselect6',
      'ppoll',
      undefined,
    ]);
    assert.deepEqual(names('x64', [22, 63, 72, 73]), [undefined, undefined, undefined, undefined]);
    assert.deepEqual(names('x64', [426, 441]), ['io_uring_enter', 'epoll_pwait2']);
    assert.deepEqual(names('arm64', [426, 441]), ['io_uring_enter', 'epoll_pwait2']);
  });

  it('gives nothing for a thread that runs, sleeps outside a call, or is in another call', () => {
    for (const line of [
      'running\n',
      '-1 0x7ffd921527b0 0x7f9c2fc3f2ec\n',
      '',
      '\n',
      x64Lines.poll.replace('7 ', '202 '),
    ]) {
      assert.equal(parseSyscallLine(line, 'x64'), undefined, JSON.stringify(line));
    }
  });

  it('gives nothing of a line that lacks arguments or has anything but hex in them', () => {
    const words = x64Lines.read.trim().split(' ');
    for (let count = 0; count < 7; count++) {
      assert.equal(parseSyscallLine(words.slice(0, count).join(' '), 'x64'), undefined, `${count} words`);
    }
    for (const bad of ['3', '0x', '0xg', '0x00000000000000003', '-0x3', '']) {
      assert.equal(parseSyscallLine(['0', bad, ...words.slice(2)].join(' '), 'x64'), undefined, bad);
    }
  });

  it('never throws, whatever the line', () => {
    const random = new SeededRandom(41);
    for (let i = 0; i < 3000; i++) {
      const parsed = parseSyscallLine(random.damage(x64Lines.poll), random.pick(['x64', 'arm64']));
      assert.ok(parsed === undefined || parsed.args.length === 6);
    }
  });
});

describe('waiting calls', () => {
  it('read wait on their first argument', () => {
    for (const name of ['read', 'pread64', 'readv', 'preadv', 'preadv2']) {
      for (const architecture of ['x64', 'arm64']) {
        assert.equal(call(name, architecture).watched(args(3), context()), true, name);
        assert.equal(call(name, architecture).watched(args(4, 3), context()), false, name);
      }
    }
  });

  it('poll wait on any descriptor of the array, and on none behind its end', () => {
    for (const name of ['poll', 'ppoll']) {
      const poll = call(name);
      assert.equal(poll.watched(args(setAddress, 2), context(pollFds(0, 3))), true);
      assert.equal(poll.watched(args(setAddress, 1), context(pollFds(0, 3))), false);
      assert.equal(poll.watched(args(setAddress, 3), context(pollFds(-1, 0, 4))), false);
    }
  });

  it('poll without a readable array wait on nothing', () => {
    const poll = call('poll');
    assert.equal(poll.watched(args(0, 0), context()), false);
    assert.equal(poll.watched(args(0x1000, 1), context(pollFds(3))), false);
  });

  it('poll with an absurd length looks at the first 4096 descriptors', () => {
    const fds = Array.from({ length: 4096 }, (_, i) => (i === 4095 ? 3 : 0));
    assert.equal(call('poll').watched(args(setAddress, 2n ** 64n - 1n), context(pollFds(...fds))), true);
  });

  it('select wait on the bits of the read set', () => {
    for (const name of ['select', 'pselect6']) {
      const select = call(name);
      assert.equal(select.watched(args(4, setAddress), context(fdSet(8, 0, 3))), true);
      assert.equal(select.watched(args(4, setAddress), context(fdSet(8, 0, 2))), false);
      // The high half of a byte of the set.
      const isUffd = (fd: number): boolean => fd === 7;
      assert.equal(select.watched(args(8, setAddress), { ...context(fdSet(8, 7)), isUffd }), true);
      assert.equal(select.watched(args(8, setAddress), { ...context(fdSet(8, 3)), isUffd }), false);
    }
  });

  it('select do not wait on bits from the given count on, nor without a read set', () => {
    const select = call('select');
    assert.equal(select.watched(args(3, setAddress), context(fdSet(8, 3))), false);
    assert.equal(select.watched(args(0, setAddress), context(fdSet(8, 3))), false);
    assert.equal(select.watched(args(4, 0, setAddress), context(fdSet(8, 3))), false);
  });

  it('select read as many words of 64 bits as the kernel does', () => {
    const isUffd = (fd: number): boolean => fd === 64;
    const watched = (count: number, lengthBytes: number): boolean =>
      call('select').watched(args(count, setAddress), { ...context(fdSet(lengthBytes, 64)), isUffd });
    assert.equal(watched(65, 16), true);
    assert.equal(watched(65, 9), false);
    assert.equal(watched(64, 9), false);
  });

  it('epoll wait on an instance that watches the uffd', () => {
    for (const name of ['epoll_wait', 'epoll_pwait', 'epoll_pwait2']) {
      assert.equal(call(name).watched(args(5), context()), true, name);
      assert.equal(call(name).watched(args(3), context()), false, name);
    }
  });

  it('io_uring_enter waits when its ring may wait for the uffd, or any does where the number is none of a descriptor', () => {
    const enter = call('io_uring_enter');
    const registered = args(9, 0, 1, 1 | 16);
    assert.equal(enter.watched(args(9, 0, 1, 1), context(undefined, [9])), true);
    assert.equal(enter.watched(args(9, 0, 1, 1), context(undefined, [8])), false);
    assert.equal(enter.watched(registered, context(undefined, [8])), true);
    assert.equal(enter.watched(registered, context(undefined, [])), false);
  });
});
