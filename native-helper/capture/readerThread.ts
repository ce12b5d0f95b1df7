/**
 * The reader thread of a session: everything that touches the uffd happens here, in one
 * synchronous loop, so that a fault is answered without a trip through an event loop.
 *
 * wait → requests → read → log → rule → send, until stopped, or until the target is gone.
 * Then the hand back: every thread still asleep is woken.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { ResponseError } from 'vscode-jsonrpc';
import { wakeAll } from '../attach/wakeAll.ts';
import { invalidParams } from '../helperErrors.ts';
import { readUffd } from '../inspect/descriptors.ts';
import { procRoot } from '../inspect/procFile.ts';
import type { RowActor } from '../log/eventRows.ts';
import { decodeUffdMessage, pagefaultTid } from '../abi/uffdMessage.ts';
import type { ErrorDto, IoctlResultDto, SessionDidEndParams } from '../protocol.ts';
import { close } from '../syscalls/libc.ts';
import { EventLog } from './eventLog.ts';
import { MessageReader } from './messageReader.ts';
import { appendMessage } from './messageRows.ts';
import { Control, type ReaderData, type ReaderMessage, type ReaderRequest } from './readerProtocol.ts';
import { Resolver } from './resolve.ts';
import { RuleEngine } from './rules.ts';
import { TargetLife } from './targetLife.ts';
import { TargetRanges } from './targetRanges.ts';
import { UffdIoctl } from './uffdIoctl.ts';
import { UffdWait } from './uffdWait.ts';

/** A row is sent at most this long after it happened. */
const batchIntervalNs = 16e6;
/** How often the target's address space is looked after. */
const lifeCheckIntervalMs = 250;
/** A blocking uffd cannot be polled (poll answers POLLERR for ever), so it is sampled this often. */
const samplingIntervalMs = 1;
const port = parentPort!;
const data = workerData as ReaderData;
const control = new Int32Array(data.control);

const post = (message: ReaderMessage, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);
const log = new EventLog(data.startTimeNs, (batch) => post({ kind: 'batch', batch }, [batch]));
const ioctls = new UffdIoctl(data.uffd);
const ranges = new TargetRanges(data.pid);
const rules = new RuleEngine(log, ioctls, ranges);
const resolver = new Resolver(log, ioctls, ranges, () => Atomics.load(control, Control.stop) !== 0);
const reader = new MessageReader(data.uffd, data.useNowait);
const wait = new UffdWait(data);
const life = new TargetLife(data, ioctls);
const knownTids = new Set<number>();
/** Descriptors that reading fork events put into this process; only closing them lets the children go on. */
const childUffds: number[] = [];

let isStarted = false;
let isFirstRead = true;
let handledRequests = 0;

function perform(request: ReaderRequest): IoctlResultDto[] {
  switch (request.do) {
    case 'start':
      ranges.refresh();
      isStarted = true;
      Atomics.store(control, Control.started, 1);
      fetchTakenFaults();
      return [];
    case 'resolve':
      return resolver.resolve(request);
    case 'wake':
      return resolver.wake(request.what);
    case 'setRule':
      rules.setAction(request.rule);
      return [];
  }
}

/**
 * Faults that somebody read and never resolved are invisible to us. One WAKE makes their
 * threads fault again, and the new events come here.
 */
function fetchTakenFaults(): void {
  const uffd = readUffd(procRoot, process.pid, data.uffd);
  if (uffd !== undefined && uffd.total > uffd.pending) {
    logWakeAll('user');
  }
}

function logWakeAll(actor: RowActor): void {
  const woken = wakeAll(data.uffd);
  if (woken !== undefined) {
    log.append({
      kind: 'wake',
      actor,
      timeNs: log.nowNs(),
      faultId: 0,
      address: woken.start,
      lengthBytes: Number(woken.lengthBytes),
      tid: 0,
      flags: 0n,
      errno: 0,
      out: 0n,
    });
  }
}

function handleRequests(): void {
  while (handledRequests !== Atomics.load(control, Control.requests)) {
    const received = receiveMessageOnPort(port) as { message: ReaderRequest } | undefined;
    if (received === undefined) {
      return;
    }
    handledRequests++;
    const request = received.message;
    try {
      const results = perform(request);
      // The rows first: whoever gets the reply finds its effect in the log.
      log.flush();
      post({ kind: 'reply', id: request.id, results });
    } catch (error) {
      const refusal = error instanceof ResponseError ? error : invalidParams('', String(error));
      post({ kind: 'refusal', id: request.id, message: refusal.message, data: refusal.data as ErrorDto });
    }
  }
}

/**
 * Reads and handles what is queued. Messages carry no time, so a fault counts as raised
 * just before the read that found it: at most one turn of the loop late. Those that were
 * queued before the session count as raised at its start.
 * @returns how many messages that was
 */
function handleMessages(): number {
  const raisedNs = isFirstRead ? 0 : log.nowNs();
  const count = reader.read();
  isFirstRead = false;
  if (count === 0) {
    return 0;
  }
  const readNs = log.nowNs();
  // Answer all, then log all: no thread waits for our bookkeeping.
  rules.answer(reader.messages, count);
  for (let i = 0; i < count; i++) {
    nameThread(pagefaultTid(reader.messages, i));
    if (!rules.logAnswered(reader.messages, i, raisedNs, readNs)) {
      const message = decodeUffdMessage(reader.messages, i);
      appendMessage(log, message, raisedNs, readNs);
      if (message.event === 'fork') {
        childUffds.push(message.ufd);
      }
    }
  }
  return count;
}

/** Tells the main thread of a thread's first fault, so that it can find its name. */
function nameThread(tid: number | undefined): void {
  if (tid !== undefined && !knownTids.has(tid)) {
    knownTids.add(tid);
    post({ kind: 'thread', tid });
  }
}

/** How long the loop may sleep, in milliseconds for poll(2). */
function timeoutMs(nowNs: number): number {
  const sinceNs = log.unsentSinceNs;
  const untilSend = sinceNs === undefined ? lifeCheckIntervalMs : (sinceNs + batchIntervalNs - nowNs) / 1e6;
  const most = data.isBlocking && isStarted ? samplingIntervalMs : lifeCheckIntervalMs;
  // Rounded down: poll(2) adds its own slack, and 0 only makes one more turn.
  return Math.max(0, Math.floor(Math.min(untilSend, most)));
}

/** Runs until the session is over. @returns why it is */
function run(): SessionDidEndParams['reason'] {
  // Where several messages came at once, more have probably come since. Otherwise sleep at
  // once: the thread that was just woken may be waiting for this CPU.
  const fewMessages = data.isBlocking ? 0 : 1;
  let lifeCheckedNs = 0;
  while (Atomics.load(control, Control.stop) === 0) {
    handleRequests();
    const count = isStarted ? handleMessages() : 0;
    const nowNs = log.nowNs();
    if (log.unsentSinceNs !== undefined && nowNs - log.unsentSinceNs >= batchIntervalNs) {
      log.flush();
    }
    if (nowNs - lifeCheckedNs >= lifeCheckIntervalMs * 1e6) {
      lifeCheckedNs = nowNs;
      const end = life.end(ranges.isKnown);
      if (end !== undefined) {
        return end;
      }
    }
    if (count <= fewMessages && wait.until(timeoutMs(nowNs), isStarted) === 'targetExited') {
      return 'targetExited';
    }
  }
  return 'detached';
}

/**
 * Wakes every thread still asleep. The kernel cannot give a forked child's uffd back, so
 * that one is closed: its threads go on, and its missing pages read as zeros.
 * @returns how many faults were open
 */
function handBack(): number {
  const handedBack = log.openFaults.size;
  if (isStarted) {
    logWakeAll('detach');
  }
  childUffds.forEach((fd) => close(fd));
  log.flush();
  return handedBack;
}

post({ kind: 'ready' });
let reason: SessionDidEndParams['reason'] = 'uffdFailed';
let detail = '';
try {
  reason = run();
} catch (error) {
  detail = String(error);
} finally {
  const handedBack = handBack();
  Atomics.store(control, Control.stopped, 1);
  Atomics.notify(control, Control.stopped);
  post({ kind: 'ended', reason, handedBack, detail });
  port.close();
}
