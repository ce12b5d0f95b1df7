/**
 * One take over: our duplicate of a target's uffd, the guardian's duplicate, and the
 * reader thread. Every way it can end goes through the hand back.
 */
import { MessageChannel, Worker } from 'node:worker_threads';
import type { CancellationToken } from 'vscode-jsonrpc';
import {
  Control,
  controlWords,
  type FileChunk,
  type MoveAnswer,
  type MoveOrder,
  type ReaderCall,
  type ReaderCalls,
  type ReaderData,
  type ReaderMessage,
  type ReaderOrder,
} from '../capture/readerProtocol.ts';
import { rowSpan } from '../log/packedRows.ts';
import { noSuchSession, refusal } from '../helperErrors.ts';
import type { MapChangeDto, SessionDidEndParams } from '../protocol/session.ts';
import { close, eventfd, eventfdWrite } from '../syscalls/libc.ts';
import { checked } from '../syscalls/syscallError.ts';
import type { GuardianPair } from './guardianPair.ts';
import { wakeAll } from './wakeAll.ts';

/** The reader looks at the stop mark between any two ioctls, so it stops well within this. */
const stopTimeoutMs = 1000;
const EFD_CLOEXEC = 0o2000000;

export interface AttachedUffdListener {
  onBatch(batch: ArrayBuffer): void;
  onThread(tid: number): void;
  /** An instruction raised a fault for the first time, as far as that is known. */
  onCode(address: bigint): void;
  onHits(hits: number[]): void;
  onRuleFailed(rule: number, faultId: number, text: string): void;
  onRangesChanged(): void;
  onMapChange(change: MapChangeDto | null): void;
  /** Nobody else has the ctx open any more. Called once at most. */
  onLastHolder(): void;
  /** The uffd of a forked child has arrived; the listener owns it from here on. */
  onForked(uffd: number): void;
  /** Bytes of a file that only the client can open. @throws Error whose message is a sentence for people */
  readFile(chunk: FileChunk): Promise<Uint8Array>;
  /** Has a thread of the target do this. The reader thread stands still meanwhile. */
  move(order: MoveOrder): MoveAnswer;
  /** Nothing is read any more, and everything has been handed back: the handler may go on. Called once. */
  onHandedBack(): void;
  /** The take over has ended, its descriptors are closed. Called once. */
  onEnded(reason: SessionDidEndParams['reason'], handedBack: number, detail: string): void;
}

/** Descriptors a take over owns; it closes them when it ends. */
export interface AttachedDescriptors {
  readonly uffd: number;
  readonly pidfd: number;
}

/** Why a session that goes on is ended by us. */
export type DetachReason = 'detached' | 'guardianLost';

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: BatchListener | undefined;
}

/** Told how far a batch has come. */
export type BatchListener = (done: number, total: number) => void;

/** How a caller follows and stops a batch. */
export interface BatchControl {
  readonly onProgress?: BatchListener | undefined;
  /** Cancelling stops between two ioctls; the answer then says what was done. */
  readonly cancellation?: CancellationToken;
}

export class AttachedUffd {
  private readonly sessionId: number;
  private readonly fds: AttachedDescriptors;
  private readonly guardian: GuardianPair;
  private readonly listener: AttachedUffdListener;
  private readonly requestEvent: number;
  private readonly control = new Int32Array(new SharedArrayBuffer(4 * controlWords));
  private readonly moves = new MessageChannel();
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly whenReady: Promise<void>;
  private readonly whenEnded: Promise<number>;
  /** Settles with the guardian's hold; undefined before `prepare`. */
  private whenHeld: Promise<number> | undefined;
  private detachReason: DetachReason = 'detached';
  private hasEnded = false;
  private lastRequestId = 0;

  /**
   * Loads the reader thread; nothing is read before `start`.
   * @param scriptUrl the reader thread's program
   * @param fds owned from here on, even if loading fails
   */
  constructor(
    sessionId: number,
    scriptUrl: URL,
    fds: AttachedDescriptors,
    reader: Omit<ReaderData, 'uffd' | 'pidfd' | 'requestEvent' | 'control' | 'moveAnswers'>,
    guardian: GuardianPair,
    listener: AttachedUffdListener,
  ) {
    this.sessionId = sessionId;
    this.fds = fds;
    try {
      this.requestEvent = checked('eventfd', eventfd(0, EFD_CLOEXEC));
    } catch (error) {
      closeAll([fds.uffd, fds.pidfd]);
      throw error;
    }
    this.guardian = guardian;
    this.listener = listener;
    const workerData: ReaderData = {
      ...reader,
      ...fds,
      requestEvent: this.requestEvent,
      control: this.control.buffer,
      moveAnswers: this.moves.port2,
    };
    try {
      this.worker = new Worker(scriptUrl, { workerData, transferList: [this.moves.port2] });
    } catch (error) {
      closeAll([fds.uffd, fds.pidfd, this.requestEvent]);
      this.moves.port1.close();
      throw error;
    }
    const ready = new Settling<undefined>();
    const ended = new Settling<number>();
    this.whenReady = ready.promise;
    this.whenEnded = ended.promise;
    const end = (reason: SessionDidEndParams['reason'], handedBack: number, detail: string): void => {
      if (this.hasEnded) {
        return;
      }
      this.hasEnded = true;
      ready.reject(new Error(detail));
      this.end(reason, handedBack, detail).then(() => ended.resolve(handedBack), ended.reject);
    };
    this.worker.on('message', (message: ReaderMessage) => {
      if (message.kind === 'ready') {
        ready.resolve(undefined);
      } else if (message.kind === 'ended') {
        end(message.reason, message.handedBack, message.detail);
      } else {
        this.receive(message);
      }
    });
    this.worker.on('error', (error) => end('uffdFailed', 0, String(error)));
    this.worker.on('exit', () => end('uffdFailed', 0, 'the reader thread ended'));
    // Both are awaited where they matter; a failure before that is not an unhandled one.
    this.whenReady.catch(() => undefined);
    this.whenEnded.catch(() => undefined);
  }

  /**
   * Lets the guardian take its duplicate and waits until the reader could start.
   * @throws HelperError guardianFailed, or noSuchSession when the target has ended meanwhile
   */
  async prepare(): Promise<void> {
    if (this.hasEnded) {
      throw noSuchSession(this.sessionId);
    }
    this.whenHeld = this.guardian.hold(this.fds.uffd);
    await Promise.all([this.whenHeld, this.whenReady]);
  }

  /** Starts reading: from here on faults are held. */
  async start(): Promise<void> {
    await this.call('start', {});
  }

  /**
   * Asks the reader thread.
   * @throws HelperError its refusal, or noSuchSession when the take over ends meanwhile
   */
  call<Call extends ReaderCall>(
    name: Call,
    params: ReaderCalls[Call]['params'],
    { onProgress, cancellation }: BatchControl = {},
  ): Promise<ReaderCalls[Call]['result']> {
    if (this.hasEnded) {
      return Promise.reject(noSuchSession(this.sessionId));
    }
    const id = ++this.lastRequestId;
    const subscription = cancellation?.onCancellationRequested(() => this.send({ do: 'cancel', id }));
    const answer = new Promise<ReaderCalls[Call]['result']>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, onProgress });
      this.send({ id, do: name, params } as ReaderOrder);
    });
    return answer.finally(() => subscription?.dispose());
  }

  private send(order: ReaderOrder): void {
    if (!this.hasEnded) {
      this.worker.postMessage(order);
      Atomics.add(this.control, Control.orders, 1);
      eventfdWrite(this.requestEvent, 1);
    }
  }

  /** Ends the take over. @returns how many open faults were handed back */
  detach(reason: DetachReason): Promise<number> {
    this.detachReason = reason;
    this.stopReading();
    return this.whenEnded;
  }

  /**
   * The hand back without an event loop, for when the process is about to exit: waits
   * until the reader thread reads no more, then wakes everything.
   */
  handBackNow(): void {
    if (this.hasEnded) {
      return;
    }
    this.stopReading();
    Atomics.wait(this.control, Control.stopped, 0, stopTimeoutMs);
    this.wakeIfStarted();
  }

  /** Before reading has begun nothing is ours to hand back, and a WAKE could disturb a live handler. */
  private wakeIfStarted(): void {
    if (Atomics.load(this.control, Control.started) !== 0) {
      wakeAll(this.fds.uffd);
    }
  }

  private stopReading(): void {
    if (this.hasEnded) {
      return;
    }
    Atomics.store(this.control, Control.stop, 1);
    eventfdWrite(this.requestEvent, 1);
  }

  private receive(message: Exclude<ReaderMessage, { kind: 'ready' | 'ended' }>): void {
    switch (message.kind) {
      case 'batch':
        Atomics.store(this.control, Control.taken, rowSpan(message.batch).lastSequence | 0);
        this.listener.onBatch(message.batch);
        break;
      case 'thread':
        this.listener.onThread(message.tid);
        break;
      case 'code':
        this.listener.onCode(message.address);
        break;
      case 'hits':
        this.listener.onHits(message.hits);
        break;
      case 'ruleFailed':
        this.listener.onRuleFailed(message.rule, message.faultId, message.text);
        break;
      case 'rangesChanged':
        this.listener.onRangesChanged();
        break;
      case 'mapChange':
        this.listener.onMapChange(message.change);
        break;
      case 'lastHolder':
        this.listener.onLastHolder();
        break;
      case 'forked':
        this.listener.onForked(message.uffd);
        break;
      case 'move':
        this.move(message.order);
        break;
      case 'readFile':
        void this.readFile(message.chunk);
        break;
      case 'progress':
        this.waiting.get(message.id)?.onProgress?.(message.done, message.total);
        break;
      case 'reply':
        this.take(message.id)?.resolve(message.result as never);
        break;
      case 'refusal':
        this.take(message.id)?.reject(refusal(message.message, message.data));
        break;
    }
  }

  private move(order: MoveOrder): void {
    if (Atomics.load(this.control, Control.stop) === 0) {
      this.moves.port1.postMessage(this.listener.move(order));
      Atomics.store(this.control, Control.moved, 1);
      Atomics.notify(this.control, Control.moved);
    }
  }

  private async readFile(chunk: FileChunk): Promise<void> {
    const bytes = await this.listener
      .readFile(chunk)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    this.send({ do: 'fileBytes', chunk, bytes });
  }

  private take(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  private async end(
    reason: SessionDidEndParams['reason'],
    handedBack: number,
    detail: string,
  ): Promise<void> {
    if (reason === 'uffdFailed') {
      // The reader thread may have died without its own hand back.
      this.wakeIfStarted();
    }
    this.listener.onHandedBack();
    for (const { reject } of this.waiting.values()) {
      reject(noSuchSession(this.sessionId));
    }
    this.waiting.clear();
    // The descriptor must stay ours until the guardian has taken or dropped its duplicate.
    await this.whenHeld?.then(
      (holdId) => this.guardian.release(holdId),
      () => undefined,
    );
    closeAll([this.fds.uffd, this.fds.pidfd, this.requestEvent]);
    this.moves.port1.close();
    this.listener.onEnded(reason === 'detached' ? this.detachReason : reason, handedBack, detail);
  }
}

/** Closes descriptors; -1 is none. */
export function closeAll(fds: readonly number[]): void {
  fds.filter((fd) => fd !== -1).forEach((fd) => close(fd));
}

/** A promise and how to settle it. (Promise.withResolvers is newer than Node 20.) */
class Settling<T> {
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}
