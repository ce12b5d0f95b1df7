/** A thread of the demo target: touches its pages for ever, or serves the others' faults. */
import { parentPort, workerData } from 'node:worker_threads';
import { pagefaultAddress } from '../abi/uffdMessage.ts';
import { canReadNowait, MessageReader } from '../capture/messageReader.ts';
import { UffdIoctl } from '../capture/uffdIoctl.ts';
import { copyFromNative, copyToNative, madvise, poll } from '../syscalls/libc.ts';
import { NativeBuffer } from '../syscalls/nativeMemory.ts';
import { pageBytes, pagesPerThread, type DemoThreadData } from './demoProtocol.ts';
import { setThreadName } from '../syscalls/threadName.ts';

const MADV_DONTNEED = 4;
const POLLIN = 1;

const sleeper = new Int32Array(new SharedArrayBuffer(4));
/** Between 0.5 and 1.5 times `meanMs`. */
const think = (meanMs: number): void => void Atomics.wait(sleeper, 0, 0, meanMs * (0.5 + Math.random()));

/** Touches every page in an uneven order; each once, then all are dropped and missing again. */
function touchForEver(address: number, write: boolean): never {
  const byte = new Uint8Array(1);
  // An odd stride visits every one of a power of two of pages.
  const stride = write ? 37 : 1;
  for (;;) {
    for (let i = 0; i < pagesPerThread; i++) {
      const page = address + ((i * stride) % pagesPerThread) * pageBytes;
      if (write) {
        copyToNative(page, byte, 1);
      } else {
        copyFromNative(byte, page, 1);
      }
      think(write ? 120 : 70);
    }
    madvise(address, pagesPerThread * pageBytes, MADV_DONTNEED);
  }
}

/** A plain handler: poll, read, COPY a page of one letter; every now and then a slow one. */
function serveForEver(uffd: number): never {
  const reader = new MessageReader(uffd, canReadNowait(uffd));
  const ioctls = new UffdIoctl(uffd);
  const page = new NativeBuffer();
  page.fill(new Uint8Array(pageBytes).fill('d'.charCodeAt(0)));
  const pollfd = new Int32Array([uffd, POLLIN]);
  for (;;) {
    poll(pollfd, 1, -1);
    // Nobody asks when a message came.
    reader.read(0);
    for (let i = 0; i < reader.count; i++) {
      const address = pagefaultAddress(reader.messages, i);
      if (address !== undefined) {
        think(Math.random() < 0.05 ? 15 : 2);
        ioctls.copy(address, page.address, pageBytes, 0);
      }
    }
    reader.clear();
  }
}

const data = workerData as DemoThreadData;
setThreadName(data.name);
parentPort!.postMessage('started');
if (data.task === 'serve') {
  serveForEver(data.uffd);
} else {
  touchForEver(data.address, data.task === 'write');
}
