/**
 * The demo target: a small program with registered memory whose threads touch pages with
 * think time, so that there is something to attach to without a compiler.
 *
 * `--handler` gives it a handler of its own; without, its threads sleep until somebody
 * resolves their faults. Prints one line of JSON when its threads have started; ends on SIGTERM, SIGINT or
 * when stdin closes.
 */
import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { exitNow, prctl } from '../syscalls/libc.ts';
import { mapAnonymous } from '../syscalls/nativeMemory.ts';
import { openUserfaultfd, registerMissing } from '../syscalls/userfaultfd.ts';
import { pageBytes, pagesPerThread, type DemoThreadData } from './demoProtocol.ts';
import { setThreadName } from '../syscalls/threadName.ts';

/** Lets any process of the user attach where Yama's ptrace_scope is 1. */
const PR_SET_PTRACER = 0x59616d61;
const PR_SET_PTRACER_ANY = -1;

const threads: { name: string; task: 'read' | 'write' }[] = [
  { name: 'reader-1', task: 'read' },
  { name: 'reader-2', task: 'read' },
  { name: 'writer-1', task: 'write' },
  { name: 'writer-2', task: 'write' },
];

const options = process.argv.slice(2);
const hasHandler = options.includes('--handler');
const unknown = options.find((option) => option !== '--handler');
if (unknown !== undefined) {
  console.error(`unknown option ${unknown}\nusage: demoTarget [--handler]`);
  process.exit(2);
}

// Threads asleep in a fault never come back to be joined: leave without waiting for them.
const end = (): void => exitNow(0);
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.stdin.on('end', end).on('error', end).resume();

setThreadName('uffd-demo');
const uffd = openUserfaultfd();
const bytesPerThread = pagesPerThread * pageBytes;
const memory = mapAnonymous(threads.length * bytesPerThread);
registerMissing(uffd, memory, threads.length * bytesPerThread);
prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);

/** Starts a thread and waits until it is about to do its task. */
async function startThread(data: DemoThreadData): Promise<void> {
  const script = path.join(path.dirname(process.argv[1]!), 'demoThread.cjs');
  await once(new Worker(script, { workerData: data }), 'message');
}

async function start(): Promise<void> {
  if (hasHandler) {
    await startThread({ name: 'handler', task: 'serve', uffd });
  }
  await Promise.all(
    threads.map(({ name, task }, i) => startThread({ name, task, address: memory + i * bytesPerThread })),
  );
  console.log(JSON.stringify({ pid: process.pid, fd: uffd, threads: threads.length }));
}

void start();
