/**
 * Freezing a live handler: each thread that waits on the ctx is stopped inside its wait or just
 * as it begins to, and nowhere else, because a handler stopped between its wait and its read finds
 * the event gone afterwards, and many die of that. Everything else of its process runs on.
 *
 * Threads asleep in a fault are never touched: a stop makes them fault anew, or spin in the kernel.
 * When this process dies the kernel lets every frozen thread go.
 */
import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { findHandlerWaits } from '../inspect/handlerWait.ts';
import type { Holder } from '../inspect/holders.ts';
import { procRoot } from '../inspect/procFile.ts';
import type { UffdDto } from '../protocol/processes.ts';
import type { FrozenThreadDto } from '../protocol/session.ts';
import { isGone } from '../syscalls/syscallError.ts';
import type { ForeignCall } from './foreignCall.ts';
import { callLimitMs, hasEnded, isBack, release, releaseBack, type FrozenThread } from './frozenThread.ts';
import { stopInWait, type WantedStop } from './stopInWait.ts';
import { ThreadRegisters } from './threadRegisters.ts';

/**
 * A handler with much to do sleeps in its wait for a few of a hundred moments: so many looks in a
 * row find it, and together take no longer than a few tens of milliseconds.
 */
const denseLooks = 200;
/**
 * While a handler is kept frozen: how often its threads are counted, which costs microseconds. A look
 * at what each does costs more and is taken at every tenth count, and at each for a while after there
 * are other threads than before. Until a thread that begins to wait has been seen, it could read.
 */
const countIntervalMs = 5;
const countsPerLook = 10;
const looksAtNewThreads = 40;
/** A look at thousands of threads takes long: the helper's other work gets so many times as long, up to a second. */
const restPerLook = 9;
const mostRestMs = 1000;
/** Finding holders looks at every process, so it is done less often. */
const looksPerSearch = 20;

export class HandlerFreeze {
  private readonly wanted: WantedStop;
  private readonly findHolders: () => readonly Holder[];
  private readonly frozen = new Map<number, FrozenThread>();
  private holders: readonly Holder[] = [];
  private watch: NodeJS.Timeout | undefined;
  private counts = 0;
  private looks = 0;
  /** Threads of the holders at the last count. */
  private threadCount = 0;
  /** Looks still to be taken at every count. */
  private newThreadLooks = 0;
  private isLooking = false;
  /** On the clock of performance.now(): no look before. */
  private restsUntilMs = 0;
  private isThawed = false;
  /** A thread that began to wait could not be frozen. */
  private hasFailed = false;

  /** @param findHolders who has the ctx open now */
  constructor({ inode, isBlocking }: UffdDto, findHolders: () => readonly Holder[]) {
    this.wanted = { inode, isBlocking, isOver: () => this.isThawed };
    this.findHolders = findHolders;
  }

  /** Threads that are stopped. */
  get threads(): FrozenThreadDto[] {
    return [...this.frozen.values()].map(({ pid, tid, comm, syscall }) => ({ pid, tid, comm, syscall }));
  }

  /**
   * Freezes every thread that waits on the ctx, until none is seen that does.
   * @returns who has the ctx open, found anew
   * @throws HelperError handlerNotFreezable; what was frozen stays so until `thaw`
   */
  async freezeWaiting(): Promise<readonly Holder[]> {
    this.holders = this.findHolders();
    while (await this.freezeThreads());
    return this.holders;
  }

  /** As `freezeWaiting`, for a handler that is known to be alive and is hardly ever seen waiting. */
  async freezeBusy(): Promise<void> {
    for (let look = 0; look < denseLooks && !(await this.freezeThreads()); look++) {
      await setImmediate();
    }
  }

  /** @returns whether any thread was seen that waits */
  private async freezeThreads(): Promise<boolean> {
    const { holders } = this;
    const waits = this.isThawed ? [] : findHandlerWaits(procRoot, holders, this.wanted.inode);
    let failure: Error | undefined;
    for (const wait of waits) {
      try {
        const holder = holders.find(({ pid }) => pid === wait.pid)!;
        const thread = await stopInWait(wait, holder, this.wanted);
        if (thread !== undefined) {
          this.keep(thread);
        }
      } catch (error) {
        // The others would read.
        failure ??= error as Error;
      }
    }
    if (failure !== undefined) {
      throw failure;
    }
    return waits.length > 0;
  }

  private keep(thread: FrozenThread): void {
    if (this.isThawed) {
      release(thread.tid);
    } else {
      this.frozen.set(thread.tid, thread);
    }
  }

  /** From now on freezes threads that begin to wait, which would take events away. */
  keepFrozen(): void {
    this.threadCount = this.countThreads();
    this.watch = setInterval(() => this.count(), countIntervalMs);
    this.watch.unref();
  }

  private count(): void {
    const threadCount = this.countThreads();
    if (threadCount !== this.threadCount) {
      this.threadCount = threadCount;
      this.newThreadLooks = looksAtNewThreads;
    }
    if (this.newThreadLooks > 0) {
      this.newThreadLooks--;
      void this.look();
    } else if (++this.counts % countsPerLook === 0) {
      void this.look();
    }
  }

  private countThreads(): number {
    return this.holders.reduce((sum, { pid }) => sum + threadsOf(pid), 0);
  }

  /**
   * Lets a frozen thread make a system call.
   * @param begin given its registers, and whether it is stopped as it begins its wait
   * @returns its answer, negative errno; undefined when the thread does not come back in time,
   * and it is put back as soon as it does
   * @throws SyscallError ESRCH when it has ended
   */
  callBy(tid: number, begin: (own: ThreadRegisters, isAtEntry: boolean) => ForeignCall): bigint | undefined {
    const thread = this.frozen.get(tid);
    if (thread === undefined || !isBack(thread, 0)) {
      return undefined;
    }
    try {
      const call = begin(ThreadRegisters.read(tid), thread.isAtEntry);
      thread.call = call;
      // Where it is put back it is inside its wait, about to begin that anew.
      thread.isAtEntry = false;
      if (!isBack(thread, callLimitMs)) {
        call.giveUp();
      }
      return call.answer;
    } catch (error) {
      if (isGone(error)) {
        this.frozen.delete(tid);
      }
      throw error;
    }
  }

  /**
   * Lets every thread go on; nothing of it fails.
   * @returns what the user should know, a sentence each
   */
  thaw(): string[] {
    this.isThawed = true;
    clearInterval(this.watch);
    const threads = [...this.frozen.values()];
    this.frozen.clear();
    for (const thread of threads) {
      void releaseBack(thread);
    }
    return [
      ...threads
        .filter(({ seesEintr }) => seesEintr)
        .map(
          ({ tid, comm, syscall }) =>
            `Thread ${tid} (${comm}) left ${syscall} with EINTR, because it had been stopped there: a handler should wait again then.`,
        ),
      ...(this.hasFailed
        ? [
            'A handler thread that began to wait meanwhile could not be frozen and may have served faults; the log says why.',
          ]
        : []),
    ];
  }

  private async look(): Promise<void> {
    const startMs = performance.now();
    if (this.isLooking || startMs < this.restsUntilMs) {
      return;
    }
    this.isLooking = true;
    try {
      for (const thread of this.frozen.values()) {
        if (hasEnded(thread)) {
          this.frozen.delete(thread.tid);
        }
      }
      if (++this.looks % looksPerSearch === 0) {
        this.holders = this.findHolders();
      }
      await this.freezeThreads();
    } catch (error) {
      if (!this.hasFailed) {
        this.hasFailed = true;
        console.error(`A handler thread that began to wait reads on. ${(error as Error).message}`);
      }
    } finally {
      this.isLooking = false;
      const endMs = performance.now();
      this.restsUntilMs = endMs + Math.min(mostRestMs, restPerLook * (endMs - startMs));
    }
  }
}

/** How many threads a process has: its task directory has so many links more than an empty one. */
function threadsOf(pid: number): number {
  try {
    return statSync(`${procRoot}/${pid}/task`).nlink;
  } catch {
    return 0;
  }
}
