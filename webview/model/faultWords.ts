/** Faults and log rows in words, for the details pane, the tooltip and screen readers. */
import { faultFlagsInWords, modeInWords } from '../../native-helper/abi/uffdAbi.ts';
import { errnoMeaning, errnoName, hasOut } from '../../native-helper/abi/errnoText.ts';
import { type EventRow } from '../../native-helper/log/eventRows.ts';
import { type Hex } from '../../native-helper/protocol/conventions.ts';
import { type FaultKind } from '../../native-helper/rules/faultRule.ts';
import { formatDuration } from './duration.ts';
import { type FaultPhase, type FaultTable } from './faultTable.ts';
import { type LaneNames } from './laneName.ts';

export const phaseWords: Readonly<Record<FaultPhase, string>> = {
  waiting: 'Waiting to be read',
  held: 'Held',
  asleep: 'Resolved, not woken',
  woken: 'Woken',
  handedBack: 'Handed back',
  superseded: 'Superseded',
  endedWithProcess: 'Ended with the process',
};

/** What a phase means for the thread, as one sentence. */
export const phaseMeanings: Readonly<Record<FaultPhase, string>> = {
  waiting: 'The kernel has queued this fault and nobody has read it yet; its thread sleeps.',
  held: 'Read and unresolved: its thread sleeps until this fault is resolved or woken.',
  asleep: 'Its page is there, but the thread still sleeps: resolved with DONTWAKE. Wake releases it.',
  woken: 'Resolved, and its thread was released.',
  handedBack: 'Woken without a page: its thread faulted again, for whoever reads next.',
  superseded: 'Its thread raised another fault: a signal had taken it out of this one.',
  endedWithProcess: 'The process, or the memory of the fault, was gone before it was resolved.',
};

/** A thread by its id and, where known, its own name. */
export function threadName(tid: number, comm = ''): string {
  return tid === 0 ? 'Unknown thread' : comm === '' ? `Thread ${tid}` : `${comm} ${tid}`;
}

export function hexAddress(address: bigint): string {
  return `0x${address.toString(16)}`;
}

/** The kind of a fault; one of a mode that is not known here counts as missing. */
export function faultKind(flags: bigint): FaultKind {
  const names = faultFlagsInWords(flags);
  return names.includes('WP') ? 'wp' : names.includes('MINOR') ? 'minor' : 'missing';
}

/** The kind of access that faulted: `MISSING WRITE: write to a missing page`. */
export function flagsInWords(flags: bigint): string {
  const names = faultFlagsInWords(flags);
  const access = names.includes('WRITE') ? 'write to' : 'read of';
  const page = names.includes('WP')
    ? 'a write-protected page'
    : names.includes('MINOR')
      ? 'a page that is in the page cache but not mapped'
      : 'a missing page';
  return `${names.join(' ')} — ${names.includes('WP') ? 'write to' : access} ${page}`;
}

/** How long a fault's thread has slept, or slept: `≥ 1.28 s` when the fault is older than the session. */
export function ageInWords(faults: FaultTable, i: number, nowNs: number): string {
  const age = formatDuration(faults.endOrNow(i, nowNs) - faults.raisedNs(i));
  return faults.isBeforeAttach(i) ? `≥ ${age}` : age;
}

/** Address of the instruction that raised fault `i`; null when it is not known. */
export function codeAddress(faults: FaultTable, i: number): Hex | null {
  const code = faults.code(i);
  return code === 0 ? null : hexAddress(faults.codes[code]!);
}

/** One sentence about a fault, for screen readers. */
export function faultSentence(faults: FaultTable, i: number, nowNs: number, names: LaneNames): string {
  const phase = phaseWords[faults.phase(i)].toLowerCase();
  const code = codeAddress(faults, i);
  return (
    `Fault ${faults.id(i)}, ${names.threadName(faults.tid(i))}, ` +
    (code === null ? '' : `in ${names.codeName(code)}, `) +
    `address ${hexAddress(faults.address(i))}, ${phase}, ` +
    `${Number.isNaN(faults.endNs(i)) ? 'asleep for' : 'slept'} ` +
    `${ageInWords(faults, i, nowNs).replace('≥', 'at least')}${faults.isBeforeAttach(i) ? ', raised before attach' : ''}.`
  );
}

/** A log row in words, without its time: `COPY of 4096 bytes at 0x7f…000 by user: …`. */
export function rowInWords(row: EventRow): string {
  const at = hexAddress(row.address);
  switch (row.kind) {
    case 'raised':
      return `Raised by ${threadName(row.tid).toLowerCase()}${row.out === 1n ? ' (inferred)' : ''}: ${flagsInWords(row.flags)} at ${at}`;
    case 'code':
      return `Raised by the instruction at ${at}`;
    case 'read':
      return 'Read from the uffd';
    case 'fork':
      return `Fork event: new descriptor ${row.out}`;
    case 'remap':
      return `Remap event: ${row.lengthBytes} bytes from ${at} to ${hexAddress(row.out)}`;
    case 'remove':
    case 'unmap':
      return `${row.kind === 'remove' ? 'Remove' : 'Unmap'} event: ${row.lengthBytes} bytes at ${at}`;
    case 'log':
      return `Noted by rule ${row.out}: ${flagsInWords(row.flags)} at ${at}`;
    case 'lost':
      return `${row.out} faults and other events are left out here: they came too fast to be shown one by one`;
    case 'unknown':
      return `Event 0x${row.flags.toString(16)}, which this version does not know`;
    default:
      return ioctlInWords(row);
  }
}

function ioctlInWords(row: EventRow): string {
  const mode = modeInWords(row.kind, row.flags);
  const what =
    `${row.kind.toUpperCase()}${mode.length > 0 ? ` ${mode.join('|')}` : ''} by ${actorWords[row.actor]}: ` +
    `${row.lengthBytes} bytes at ${hexAddress(row.address)}`;
  const out = hasOut(row.kind) ? `, out ${row.out}` : '';
  if (row.errno === 0) {
    return `${what}${out}`;
  }
  return `${what} → ${errnoName(row.errno)}${out}: ${errnoMeaning(row.kind, row.errno, row.out)}`;
}

const actorWords: Readonly<Record<EventRow['actor'], string>> = {
  kernel: 'the kernel',
  handler: 'the handler',
  user: 'you',
  rule: 'the rule',
  detach: 'detach',
};
