/**
 * The reader thread of a session: everything that touches the uffd happens here, in one
 * synchronous loop, so that a fault is answered without a trip through an event loop.
 *
 * wait → orders → read and answer → log → jobs → send, until stopped, or until the target is gone.
 * Then the hand back: every thread still asleep is woken.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { wakeAll } from '../attach/wakeAll.ts';
import { readUffd } from '../inspect/descriptors.ts';
import { procRoot } from '../inspect/procFile.ts';
import type { RowActor } from '../log/eventRows.ts';
import { decodeUffdMessage, pagefaultTid } from '../abi/uffdMessage.ts';
import type { SessionDidEndParams } from '../protocol/session.ts';
import { schedYield } from '../syscalls/libc.ts';
import { BusyPoll } from './busyPoll.ts';
import { EventLog } from './eventLog.ts';
import { FaultingCode } from './faultingCode.ts';
import { FileChunks } from './fileChunks.ts';
import { MapChange } from './mapChange.ts';
import { MessageReader } from './messageReader.ts';
import { appendMessage } from './messageRows.ts';
import { Orders } from './orders.ts';
import { RangesNews } from './rangesNews.ts';
import { Control, type ReaderData, type ReaderMessage, type ReaderOrder } from './readerProtocol.ts';
import { RowStream } from './rowStream.ts';
import { RuleEngine } from './rules.ts';
import { TargetMoves } from './targetMoves.ts';
import { TargetLife } from './targetLife.ts';
import { TargetRanges } from './targetRanges.ts';
import { ThreadInference } from './threadInference.ts';
import { ThreadNames } from './threadNames.ts';
import { UffdIoctl } from './uffdIoctl.ts';
import { UffdWait } from './uffdWait.ts';

/** A row is sent at most this long after it happened. */
const batchIntervalNs = 16e6;
/** How often the target's address space is looked after. */
const lifeCheckIntervalMs = 250;
/** A blocking uffd cannot be polled (poll answers POLLERR for ever), so it is sampled this often. */
const samplingIntervalMs = 1;
/** Reading and answering goes on at most this long before anything else is looked at. */
const stintNs = 1e6;
const port = parentPort!;
const data = workerData as ReaderData;
const control = new Int32Array(data.control);

const post = (message: ReaderMessage, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);
const rowStream = new RowStream((batch) => post({ kind: 'batch', batch }, [batch]));
const log = new EventLog(data.startTimeNs, (batch, rows) => rowStream.append(batch, rows));
const ioctls = new UffdIoctl(data.uffd);
const ranges = new TargetRanges(data.pid);
const reader = new MessageReader(data.uffd, data.useNowait);
const files = new FileChunks((chunk) => post({ kind: 'readFile', chunk }));
const threadNames = new ThreadNames(data.pid);
const rules = new RuleEngine({
  pid: data.pid,
  pidfd: data.pidfd,
  ioctls,
  ranges,
  files,
  reader,
  log,
  post,
  threadNames,
});
const wait = new UffdWait(data);
const busyPoll = new BusyPoll(data.isBlocking);
const life = new TargetLife(data, ioctls, () => post({ kind: 'lastHolder' }));
const knownTids = new Set<number>();
const mapChange = new MapChange(procRoot, data.pid, ioctls, (change) => post({ kind: 'mapChange', change }));
const inference = data.features.includes('THREAD_ID')
  ? undefined
  : new ThreadInference(procRoot, data.pid, data.inode, data.uffd);
const faultingCode = new FaultingCode(procRoot, data.pid, (address) => post({ kind: 'code', address }));
const rangesNews = new RangesNews(ranges, () => post({ kind: 'rangesChanged' }));

let isStarted = false;
let handledOrders = 0;

const orders = new Orders({
  pid: data.pid,
  pidfd: data.pidfd,
  log,
  ioctls,
  moves: new TargetMoves(control, data.moveAnswers, post),
  ranges,
  files,
  system: data,
  post,
  start,
  setRules: (list) => rules.setRules(list),
});

function start(): void {
  ranges.refresh();
  isStarted = true;
  Atomics.store(control, Control.started, 1);
  mapChange.ask();
  fetchTakenFaults();
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

function handleOrders(): void {
  if (handledOrders !== Atomics.load(control, Control.orders)) {
    // Orders see the log as it is.
    logMessages();
  }
  while (handledOrders !== Atomics.load(control, Control.orders)) {
    const received = receiveMessageOnPort(port) as { message: ReaderOrder } | undefined;
    if (received === undefined) {
      return;
    }
    handledOrders++;
    orders.handle(received.message);
  }
}

/**
 * Reads and lets the rules act for as long as messages closely follow each other and nothing
 * else is to be done. Logging waits for a quieter moment, unless there is more to do about a
 * message.
 * @returns whether there is nothing more to read
 */
function serve(): boolean {
  let nowNs = log.nowNs();
  const endNs = nowNs + stintNs;
  while (nowNs < endNs && handledOrders === Atomics.load(control, Control.orders)) {
    const from = reader.count;
    if (reader.read(nowNs) === 0) {
      if (!busyPoll.goesOn(nowNs)) {
        return true;
      }
      // Whoever could run here runs first, such as the thread that was just woken.
      schedYield();
      nowNs = log.nowNs();
      continue;
    }
    const answer = rules.answer(from);
    faultingCode.look(reader, from, (i) => rules.isUntouched(i, from));
    if (answer === 'acted') {
      nowNs = log.lastNowNs;
      busyPoll.onAnswered(nowNs);
    }
    if (answer === 'unfinished' || reader.isFull) {
      logMessages();
      return false;
    }
    if (answer === 'held') {
      return false;
    }
  }
  return false;
}

/** Logs the messages read so far: before anything else is logged or asks which faults are open. */
function logMessages(): void {
  for (let from = 0; from < reader.count;) {
    const to = reader.endOfRead(from);
    logRead(from, to);
    from = to;
  }
  reader.clear();
  rules.clearAnswers();
  faultingCode.clear();
}

/**
 * Logs the messages of one read. They were all raised before anything was done about the first:
 * where one of them stays open, an action on its page must not come before it in the log.
 */
function logRead(from: number, to: number): void {
  let areAnswered = true;
  for (let i = from; i < to; i++) {
    nameThread(pagefaultTid(reader.messages, i));
    areAnswered &&= rules.isAnswered(i);
  }
  if (areAnswered) {
    for (let i = from; i < to; i++) {
      rules.logAnswered(i);
    }
    return;
  }
  const faultIds = Array.from({ length: to - from }, (_, i) => logMessage(from + i));
  faultIds.forEach((faultId, i) => {
    if (faultId !== 0) {
      rules.logActions(from + i, faultId);
    }
  });
}

/** Logs message `i`, a fault as raised and read. @returns the fault's id, 0 for another event */
function logMessage(i: number): number {
  const message = decodeUffdMessage(reader.messages, i);
  if (message.event === 'fork') {
    // First of all: from here on somebody owns the descriptor.
    post({ kind: 'forked', uffd: message.ufd });
  }
  const isUnnamed = message.event === 'pagefault' && message.ptid === 0;
  const inferredTid = isUnnamed ? (inference?.threadOfNewFault(log.openFaults) ?? 0) : 0;
  nameThread(inferredTid);
  const code = faultingCode.of(i);
  if (code !== undefined && message.event === 'pagefault') {
    log.appendCode(code, message.ptid, reader.raisedNs[i]!);
  }
  const faultId = appendMessage(log, message, reader.raisedNs[i]!, reader.readNs[i]!, inferredTid);
  if (message.event === 'pagefault') {
    rangesNews.onFault(Number(message.address));
  } else {
    rangesNews.onEvent(message);
    mapChange.onEvent(message);
  }
  return faultId;
}

/** Tells the main thread of a thread's first fault, so that it can find its name. */
function nameThread(tid: number | undefined): void {
  if (tid !== undefined && tid !== 0 && !knownTids.has(tid)) {
    knownTids.add(tid);
    post({ kind: 'thread', tid });
  }
}

/** Learns how far the main thread has taken up the rows. */
function noteTaken(): void {
  const sent = rowStream.sentSequence;
  // Fewer than 2^31 rows are under way, so the low words tell how many.
  const underWay = (sent - Atomics.load(control, Control.taken)) | 0;
  rowStream.acknowledge(sent - underWay);
}

/** When the oldest row or message that the main thread does not have came; Infinity when there is none. */
function unsentSinceNs(): number {
  return Math.min(log.unsentSinceNs, reader.count === 0 ? Infinity : reader.readNs[0]!);
}

/** How long the loop may sleep, in milliseconds for poll(2). */
function timeoutMs(nowNs: number): number {
  const dueNs = Math.min(unsentSinceNs() + batchIntervalNs, rules.nextDueNs);
  const untilMs = Math.min(dueNs - nowNs, orders.jobs.sleepNs(nowNs)) / 1e6;
  const isSampling = (data.isBlocking && isStarted) || mapChange.isChanging;
  const most = isSampling ? samplingIntervalMs : lifeCheckIntervalMs;
  // Rounded down: poll(2) adds its own slack, and 0 only makes one more turn.
  return Math.max(0, Math.floor(Math.min(untilMs, most)));
}

/** Runs until the session is over. @returns why it is */
function run(): SessionDidEndParams['reason'] {
  let lifeCheckedNs = 0;
  while (Atomics.load(control, Control.stop) === 0) {
    handleOrders();
    const isQuiet = !isStarted || serve();
    mapChange.look();
    rangesNews.look();
    const nowNs = log.nowNs();
    noteTaken();
    if (nowNs - unsentSinceNs() >= batchIntervalNs) {
      logMessages();
      log.flush();
    }
    if (nowNs >= rules.nextDueNs) {
      logMessages();
      rules.runDue(nowNs);
    }
    if (orders.jobs.areAny) {
      logMessages();
      orders.jobs.work();
    }
    if (ioctls.isMemoryGone || nowNs - lifeCheckedNs >= lifeCheckIntervalMs * 1e6) {
      lifeCheckedNs = nowNs;
      const end = life.end(ranges.isKnown);
      if (end !== undefined) {
        return end;
      }
    }
    if (isQuiet && wait.until(timeoutMs(nowNs), isStarted) === 'targetExited') {
      const end = life.endOfProcess();
      if (end !== undefined) {
        return end;
      }
      wait.forgetTarget();
    }
  }
  return 'detached';
}

/** Wakes every thread still asleep. @returns how many faults were open */
function handBack(): number {
  logMessages();
  orders.jobs.stopAll();
  const handedBack = log.openFaults.size;
  if (isStarted) {
    logWakeAll('detach');
  }
  log.flush();
  rowStream.end();
  rules.end();
  files.free();
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
