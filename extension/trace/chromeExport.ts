/**
 * A trace in Chrome's trace event format, which Perfetto and speedscope open: a complete event for each fault on
 * its thread, with one for each of its phases inside. Pure: no VS Code.
 */
import {
  PAGEFAULT_FLAG_MINOR,
  PAGEFAULT_FLAG_WP,
  PAGEFAULT_FLAG_WRITE,
} from '../../native-helper/abi/uffdAbi.ts';
import { errnoName } from '../../native-helper/abi/errnoText.ts';
import { rowKinds, type EventRows } from '../../native-helper/log/eventRows.ts';
import { OpenFaults, type FaultEnd, type OpenFault } from '../../native-helper/log/openFaults.ts';
import { sessionName } from '../target/targetName.ts';
import { servedMark } from '../../native-helper/log/servedRows.ts';
import { hexAddress, rowsPerPiece, type ExportPiece, type ExportSource } from './exportSource.ts';

/** Faults whose thread is not known overlap, which those of one thread may not: each lies on the first free of these. */
const firstUnknownTid = 0xf000_0000;

/** Kinds of events that are no faults. */
const mapEvents = ['fork', 'remap', 'remove', 'unmap'] as const;
const mapEventCodes = new Set(mapEvents.map((kind) => rowKinds.indexOf(kind)));

export function* chromeExport(source: ExportSource): Generator<ExportPiece> {
  const { session, threads, codes, faultIds } = source;
  const pid = session.pid;
  const process = { ph: 'M', pid, tid: 0, name: 'process_name', args: { name: sessionName(session) } };
  const named = threads
    .filter(({ comm }) => comm !== '')
    .map(({ tid, comm }) => ({ ph: 'M', pid, tid, name: 'thread_name', args: { name: comm } }));
  const names = [process, ...named].map((event) => JSON.stringify(event));
  yield {
    text: `{"displayTimeUnit":"ns","otherData":${JSON.stringify({
      source: 'userfaultfd-debugger',
      startMonotonicNs: BigInt(session.startTimeNs).toString(),
    })},"traceEvents":[\n${names.join(',\n')}`,
    rows: 0,
    events: 0,
  };

  let events: string[] = [];
  const ioctls = new Map<OpenFault, string[]>();
  const nameOfCode = new Map(
    codes.filter(({ name }) => name !== '').map(({ address, name }) => [address, name]),
  );
  /** By fault that has not ended: the instruction that raised it. */
  const codeOfFault = new Map<number, string>();
  const unknownTids = new UnknownTids();
  let lastNs = 0;

  const add = (fault: ExportedFault, endNs: number, outcome: FaultEnd | 'open', done: string): void => {
    const { id, raisedNs, readNs, resolvedNs } = fault;
    const tid = fault.tid === 0 ? unknownTids.take(raisedNs, endNs) : fault.tid;
    const slice = (name: string, category: string, fromNs: number, toNs: number, rest = ''): void => {
      const [from, to] = [inMicroseconds(fromNs), inMicroseconds(toNs)];
      events.push(
        `{"ph":"X","pid":${pid},"tid":${tid},"name":"${name}","cat":"${category}","ts":${from},"dur":${to - from}${rest}}`,
      );
    };
    const phase = (name: string, fromNs: number, toNs: number): void => {
      // Readers that split a slice into its begin and its end cannot tell those of an empty one apart.
      if (fromNs < toNs) {
        slice(name, 'phase', fromNs, toNs);
      }
    };
    const code = codeOfFault.get(id);
    codeOfFault.delete(id);
    const codeArg = code === undefined ? '' : `,"code":${JSON.stringify(nameOfCode.get(code) ?? code)}`;
    // The others are words of this program, which need no escapes.
    const args = `{"fault":${id},"address":"${fault.address}","outcome":"${outcome}","ioctls":"${done}"${codeArg}}`;
    slice(faultName(fault.flags), 'fault', raisedNs, endNs, `,"args":${args}`);
    const handledFromNs = Number.isNaN(readNs) ? endNs : readNs;
    phase('waiting to be read', raisedNs, handledFromNs);
    if (!Number.isNaN(readNs)) {
      const wakingFromNs = Number.isNaN(resolvedNs) ? endNs : resolvedNs;
      phase('being handled', handledFromNs, wakingFromNs);
      phase('waking', wakingFromNs, endNs);
    }
  };

  const addOpen = (fault: OpenFault, endNs: number, outcome: FaultEnd | 'open'): void => {
    const done = ioctls.get(fault)?.join(', ') ?? '';
    ioctls.delete(fault);
    if (faultIds?.has(fault.id) ?? true) {
      const address = `0x${fault.address.toString(16)}`;
      add({ ...fault, address, flags: Number(fault.flags & 0xffn) }, endNs, outcome, done);
    }
  };

  const fold = new OpenFaults({
    onCode: (faultId, address) => {
      if (faultIds?.has(faultId) ?? true) {
        codeOfFault.set(faultId, `0x${address.toString(16)}`);
      }
    },
    onServed: (rows, i) => {
      if (faultIds?.has(rows.faultId[i]!) ?? true) {
        const endNs = rows.timeNs[i]!;
        const fault = {
          id: rows.faultId[i]!,
          tid: rows.tid[i]!,
          address: hexAddress(rows, i),
          flags: rows.faultFlags[i]! & ~servedMark,
          raisedNs: endNs - rows.raisedBeforeNs[i]!,
          readNs: endNs - rows.readBeforeNs[i]!,
          resolvedNs: endNs,
        };
        add(fault, endNs, 'woken', answerOf(rows, i));
      }
    },
    onIoctl: (fault, rows, i) => {
      const answers = ioctls.get(fault);
      if (answers === undefined) {
        ioctls.set(fault, [answerOf(rows, i)]);
      } else {
        answers.push(answerOf(rows, i));
      }
    },
    onEnded: addOpen,
  });

  for (const rows of source.batches()) {
    for (let from = 0; from < rows.count; from += rowsPerPiece) {
      const until = Math.min(rows.count, from + rowsPerPiece);
      fold.fold(rows, from, until);
      for (let i = from; i < until; i++) {
        lastNs = Math.max(lastNs, rows.timeNs[i]!);
        if (faultIds === null && mapEventCodes.has(rows.kind[i]!)) {
          events.push(mapEvent(pid, rows, i));
        }
      }
      yield piece(events, until - from);
      events = [];
    }
  }
  for (const fault of fold.values()) {
    addOpen(fault, Math.max(lastNs, fault.raisedNs), 'open');
  }
  events.push(...unknownTids.names(pid));
  const last = piece(events, 0);
  yield { ...last, text: `${last.text}\n]}\n` };
}

/** A fault as it is written; times are NaN for what has not happened. */
interface ExportedFault extends Pick<OpenFault, 'id' | 'tid' | 'raisedNs' | 'readNs' | 'resolvedNs'> {
  readonly address: string;
  /** UFFD_PAGEFAULT_FLAG_*. */
  readonly flags: number;
}

/** An ioctl and what it answered. */
function answerOf(rows: EventRows, i: number): string {
  const name = (rowKinds[rows.kind[i]!] ?? 'unknown').toUpperCase();
  const errno = rows.errno[i]!;
  return errno === 0 ? name : `${name} ${errnoName(errno)}`;
}

function piece(events: readonly string[], rows: number): ExportPiece {
  const text = events.length === 0 ? '' : `,\n${events.join(',\n')}`;
  return { text, rows, events: events.length };
}

function mapEvent(pid: number, rows: EventRows, i: number): string {
  const name = rowKinds[rows.kind[i]!]!;
  const timeNs = rows.timeNs[i]!;
  const args = { address: hexAddress(rows, i), lengthBytes: rows.lengthBytes[i]! };
  return `{"ph":"i","s":"p","pid":${pid},"tid":0,"name":"${name}","cat":"map","ts":${inMicroseconds(timeNs)},"args":${JSON.stringify(args)}}`;
}

function faultName(bits: number): string {
  const kind =
    (bits & PAGEFAULT_FLAG_WP) !== 0
      ? 'write-protect'
      : (bits & PAGEFAULT_FLAG_MINOR) !== 0
        ? 'minor'
        : 'missing';
  return (bits & PAGEFAULT_FLAG_WRITE) !== 0 && kind !== 'write-protect' ? `${kind} (write)` : kind;
}

/**
 * Microseconds in steps of 1/1024, less than a nanosecond each, rounded up: rounded down to nanoseconds they are
 * the time again. Doubles add and subtract them exactly. With decimals a reader that adds up begin and duration
 * would find that a phase ends a little after the next one begins, and nest them wrongly.
 */
function inMicroseconds(ns: number): number {
  const microseconds = Math.floor(ns / 1000);
  return microseconds + Math.ceil(((ns - 1000 * microseconds) * 1024) / 1000) / 1024;
}

/** Lines for faults whose thread is not known, each free again once its fault is over. */
class UnknownTids {
  private readonly freeFromNs: number[] = [];

  take(fromNs: number, toNs: number): number {
    const free = this.freeFromNs.findIndex((ns) => ns <= fromNs);
    const line = free === -1 ? this.freeFromNs.length : free;
    this.freeFromNs[line] = toNs;
    return firstUnknownTid + line;
  }

  names(pid: number): string[] {
    return this.freeFromNs.map((_, line) =>
      JSON.stringify({
        ph: 'M',
        pid,
        tid: firstUnknownTid + line,
        name: 'thread_name',
        args: { name: `unknown thread #${line + 1}` },
      }),
    );
  }
}
