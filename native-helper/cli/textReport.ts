/** A line for people per event: seconds since the take over, process, and what happened. */
import { errnoMeaning, errnoName } from '../abi/errnoText.ts';
import { faultFlagsInWords, modeInWords } from '../abi/uffdAbi.ts';
import type { EventRow } from '../log/eventRows.ts';
import type { CodeLocationDto } from '../protocol/inspect.ts';
import type { MapChangeDto, SessionDidEndParams, SessionDto, ThreadDto } from '../protocol/session.ts';
import type { Report, Summary } from './report.ts';

/** With four levels of page tables: no range is as long, only the hand back. */
const userSpaceBytes = 2 ** 47;

export class TextReport implements Report {
  /** By session: process, its threads' names, and where instructions are, by their address in hex. */
  private readonly sessions = new Map<
    number,
    {
      readonly pid: number;
      readonly names: Map<number, string>;
      readonly codes: Map<string, CodeLocationDto>;
    }
  >();

  session(session: SessionDto, parentSessionId?: number): string[] {
    const { sessionId, pid, comm, uffd, ranges, notes } = session;
    this.sessions.set(sessionId, { pid, names: new Map(), codes: new Map() });
    const child = parentSessionId === undefined ? '' : ', a forked child';
    const registered = ranges.map(
      ({ start, lengthBytes, modes }) => `${start}+${lengthBytes} ${modes.join('|')}`,
    );
    return [
      `Took over descriptor ${uffd.fd} of process ${pid} (${comm})${child}: ${registered.join(', ') || 'no registered range yet'}.`,
      ...notes,
    ];
  }

  row(sessionId: number, _sequence: number, row: EventRow): string[] {
    const seconds = (row.timeNs / 1e9).toFixed(6).padStart(12);
    const fault = row.faultId === 0 ? '' : `fault ${row.faultId} `;
    return [`${seconds} ${this.pid(sessionId)} ${fault}${this.inWords(sessionId, row)}`];
  }

  thread(sessionId: number, { tid, comm }: ThreadDto): string[] {
    this.sessions.get(sessionId)?.names.set(tid, comm);
    return [];
  }

  code(sessionId: number, code: CodeLocationDto): string[] {
    this.sessions.get(sessionId)?.codes.set(code.address, code);
    return [];
  }

  hits(): string[] {
    return [];
  }

  ruleFailed(sessionId: number, rule: number, faultId: number, text: string): string[] {
    return [
      `Rule ${rule} failed for fault ${faultId} of process ${this.pid(sessionId)}, which is held: ${text}`,
    ];
  }

  ranges(sessionId: number, ranges: SessionDto['ranges']): string[] {
    const registered = ranges.map(({ start, lengthBytes }) => `${start}+${lengthBytes}`).join(', ');
    return [`Registered ranges of process ${this.pid(sessionId)} are now: ${registered || 'none'}.`];
  }

  mapChange(sessionId: number, change: MapChangeDto | null): string[] {
    if (change === null) {
      return [];
    }
    const event = change.event ?? 'an event that is still unread';
    return [`The memory map of process ${this.pid(sessionId)} is changing: ${event} at ${change.start}.`];
  }

  lastHolder(_sessionId: number, text: string): string[] {
    return [text];
  }

  ended({ text }: SessionDidEndParams): string[] {
    return [text];
  }

  summary({ seconds, faults, served, handedBack, ruleFailures }: Summary): string[] {
    const failures = ruleFailures === 0 ? '' : `, ${ruleFailures} rule failures`;
    return [
      `${faults} ${faults === 1 ? 'fault' : 'faults'} in ${seconds.toFixed(1)} s: ${served} served, ${handedBack} handed back${failures}.`,
    ];
  }

  lost(lines: number): string {
    return `${lines} lines were left out here: the output is read too slowly.`;
  }

  private pid(sessionId: number): number {
    return this.sessions.get(sessionId)?.pid ?? 0;
  }

  private inWords(sessionId: number, row: EventRow): string {
    const at = hex(row.address);
    switch (row.kind) {
      case 'raised':
        return `raised by ${this.threadInWords(sessionId, row)}: ${faultFlagsInWords(row.flags).join(' ')} at ${at}`;
      case 'read':
        return 'read';
      case 'code':
        return `raised at ${this.codeInWords(sessionId, at)}`;
      case 'log':
        return `noted by rule ${row.out}: ${faultFlagsInWords(row.flags).join(' ')} at ${at}`;
      case 'fork':
        return 'fork event';
      case 'remap':
        return `remap event: ${row.lengthBytes} bytes from ${at} to ${hex(row.out)}`;
      case 'remove':
      case 'unmap':
        return `${row.kind} event: ${row.lengthBytes} bytes at ${at}`;
      case 'lost':
        return `${row.out} faults that rules served are left out here: they came too fast to be told one by one`;
      case 'unknown':
        return `event ${hex(row.flags)}, which this version does not know`;
      default:
        return ioctlInWords(row);
    }
  }

  private codeInWords(sessionId: number, address: string): string {
    const code = this.sessions.get(sessionId)?.codes.get(address);
    return code === undefined || code.path === ''
      ? address
      : `${address} (${code.path} + ${code.fileOffset})`;
  }

  private threadInWords(sessionId: number, { tid, out }: EventRow): string {
    if (tid === 0) {
      return 'an unknown thread';
    }
    const name = this.sessions.get(sessionId)?.names.get(tid) ?? '';
    return `thread ${tid}${name === '' ? '' : ` (${name})`}${out === 1n ? ', inferred' : ''}`;
  }
}

function ioctlInWords(row: EventRow): string {
  const mode = modeInWords(row.kind, row.flags);
  const what = [row.kind.toUpperCase(), ...mode].join(' ');
  const failure =
    row.errno === 0 ? '' : `: ${errnoName(row.errno)}, ${errnoMeaning(row.kind, row.errno, row.out)}`;
  const where =
    row.lengthBytes >= userSpaceBytes ? 'everywhere' : `${row.lengthBytes} bytes at ${hex(row.address)}`;
  return `${what} by ${row.actor}, ${where}${failure}`;
}

function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}
