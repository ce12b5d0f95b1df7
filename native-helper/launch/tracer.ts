/**
 * The thread that traces a launched program: it stops the program just before its first fault can
 * happen, so that its uffd can be taken over before that, and keeps each thread of its own handler
 * where it begins to wait.
 *
 * The moment is when a thread is about to register memory, or to wait on a uffd, whichever comes
 * first; at UFFDIO_API it would be too soon, because programs that only ask for features close that
 * uffd again. While the program is held, none of its threads gets past a system call.
 *
 * A seccomp filter would stop fewer calls, but cannot be taken away again: without its listener, every
 * later uffd of the program would fail with ENOSYS. This OS thread's end lets all tracees go, and does
 * not disturb those that sleep in a call.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { schedYield } from '../syscalls/libc.ts';
import { detach, interrupt, listen } from '../syscalls/ptrace.ts';
import { nextNews, resume, seizeWithSyscalls, type TraceeNews } from '../syscalls/ptraceSyscalls.ts';
import { SyscallError } from '../syscalls/syscallError.ts';
import { TracerOrder, type TracerData, type TracerMessage } from './tracerProtocol.ts';
import { UffdCalls, type UffdUse } from './uffdCalls.ts';

/** System calls follow each other closely: for so long after a stop the next one is looked for without sleeping. */
const busyMs = 0.2;
const sleepMs = 0.2;
/** While only threads that stand still are left. */
const quietSleepMs = 10;
/** A handler that begins to wait later than this is stopped as that of any program (handlerFreeze.ts). */
const handlerTimeMs = 5000;

const port = parentPort!;
const { pid: programPid, control: controlBuffer } = workerData as TracerData;
const control = new Int32Array(controlBuffer);
const post = (message: TracerMessage): void => port.postMessage(message);

class Tracer {
  private readonly calls = new UffdCalls();
  private readonly traced = new Set<number>();
  /** Stopped, and to be let on when the program goes on. */
  private readonly held = new Map<number, TraceeNews>();
  /** Threads that stand still in their wait until the end. */
  private readonly kept = new Set<number>();
  /** Threads whose stop was asked for and has not come. */
  private readonly interrupted = new Set<number>();
  private hasExecuted = false;
  private captured: UffdUse | undefined;
  private isCaptureTold = false;
  /** When handlers are no longer waited for; infinite until the program goes on. */
  private settledMs = Infinity;

  /** Traces until there is nothing left to trace, or it is told to end. */
  run(): void {
    seizeWithSyscalls(programPid);
    this.traced.add(programPid);
    post({ kind: 'traced' });
    let newsMs = performance.now();
    for (let order = this.order(); order !== TracerOrder.end; order = this.order()) {
      const news = nextNews();
      const nowMs = performance.now();
      if (news === 'none left') {
        return;
      }
      if (news !== undefined) {
        newsMs = nowMs;
        this.take(news);
        continue;
      }
      if (order === TracerOrder.goOn && this.settledMs === Infinity) {
        this.settledMs = nowMs + handlerTimeMs;
        this.goOn();
      }
      const isSettled = nowMs >= this.settledMs;
      if (isSettled && this.kept.size === 0) {
        return;
      }
      if (nowMs - newsMs < busyMs) {
        schedYield();
      } else {
        Atomics.wait(control, 0, order, isSettled ? quietSleepMs : sleepMs);
      }
    }
  }

  /** Before the thread ends: a signal that a held thread was about to get would be lost with it. */
  end(): void {
    for (const { tid, signal } of this.held.values()) {
      this.ifAlive(tid, () => detach(tid, signal));
    }
  }

  private order(): number {
    return Atomics.load(control, 0);
  }

  private take(news: TraceeNews): void {
    const { tid, kind } = news;
    this.interrupted.delete(tid);
    if (kind === 'gone') {
      this.forget(tid);
    } else {
      this.traced.add(tid);
      if (kind === 'exec') {
        this.calls.forget(tid);
        this.tellExecuted();
      }
      this.ifAlive(tid, () => this.decide(news));
    }
    if (this.captured !== undefined && !this.isCaptureTold && this.interrupted.size === 0) {
      this.isCaptureTold = true;
      post({ kind: 'captured', pid: this.captured.pid, fd: this.captured.fd });
    }
  }

  /** The first replaced program is the shell that became the one launched. */
  private tellExecuted(): void {
    if (!this.hasExecuted) {
      this.hasExecuted = true;
      post({ kind: 'executed' });
    }
  }

  /** What becomes of a thread that has stopped. */
  private decide(news: TraceeNews): void {
    const { tid, kind, signal } = news;
    if (this.captured === undefined) {
      this.captured = kind === 'syscall' ? this.calls.aboutToUse(tid) : undefined;
      if (this.captured === undefined) {
        this.letOn(news);
        return;
      }
      this.held.set(tid, news);
      this.interruptWaiting(tid, this.captured);
    } else if (this.settledMs === Infinity) {
      this.held.set(tid, news);
    } else if (performance.now() >= this.settledMs) {
      detach(tid, signal);
      this.forget(tid);
    } else if (this.mustStay(news, this.captured)) {
      this.kept.add(tid);
    } else {
      this.letOn(news);
    }
  }

  private letOn(news: TraceeNews): void {
    if (news.kind === 'groupStop') {
      listen(news.tid);
    } else {
      resume(news);
    }
  }

  /** Whether a thread is about to wait on the uffd, or was stopped in its wait. */
  private mustStay({ tid, kind, signal }: TraceeNews, { inode }: UffdUse): boolean {
    return kind === 'syscall'
      ? this.calls.isAboutToWait(tid, inode)
      : kind === 'stopped' && signal === 0 && this.calls.waitsOn(tid)?.inode === inode;
  }

  /** Stops threads that wait on the uffd already: they would take its events away. */
  private interruptWaiting(except: number, { inode }: UffdUse): void {
    for (const tid of this.traced) {
      if (tid !== except && this.calls.waitsOn(tid)?.inode === inode) {
        this.interrupted.add(tid);
        this.ifAlive(tid, () => interrupt(tid));
      }
    }
  }

  private goOn(): void {
    const held = [...this.held.values()];
    this.held.clear();
    for (const news of held) {
      this.ifAlive(news.tid, () => this.decide(news));
    }
  }

  /** A thread can end at any moment, also while it is stopped; then nothing is left to do about it. */
  private ifAlive(tid: number, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof SyscallError)) {
        throw error;
      }
      this.forget(tid);
    }
  }

  private forget(tid: number): void {
    this.traced.delete(tid);
    this.held.delete(tid);
    this.kept.delete(tid);
    this.interrupted.delete(tid);
    this.calls.forget(tid);
  }
}

const tracer = new Tracer();
let problem = '';
try {
  tracer.run();
} catch (error) {
  problem = error instanceof Error ? error.message : String(error);
} finally {
  tracer.end();
  post({ kind: 'ended', problem });
  port.close();
}
