/** A session in the words of the protocol. */
import { readCommandLine } from '../inspect/processes.ts';
import { procComm, procRoot } from '../inspect/procFile.ts';
import { readRanges } from '../inspect/ranges.ts';
import type { UffdDto } from '../protocol/processes.ts';
import type { RangeDto } from '../protocol/ranges.ts';
import type { FrozenThreadDto, SessionDto } from '../protocol/session.ts';

/**
 * A session that begins now.
 * @param pid 0 when it is not known whose memory it is
 */
export function describeSession(
  sessionId: number,
  pid: number,
  uffd: UffdDto,
  notes: readonly string[],
  isCustody: boolean,
  frozen: readonly FrozenThreadDto[] = [],
): SessionDto {
  return {
    sessionId,
    pid,
    comm: procComm(`${procRoot}/${pid}`),
    commandLine: readCommandLine(procRoot, pid),
    uffd,
    startTimeNs: `0x${process.hrtime.bigint().toString(16)}`,
    ranges: rangesOf(pid),
    notes,
    isCustody,
    frozen,
  };
}

/** Registered ranges as of now; none when they cannot be seen. */
export function rangesOf(pid: number): RangeDto[] {
  const ranges = readRanges(procRoot, pid);
  return 'ranges' in ranges ? ranges.ranges : [];
}

/** Name of a target's thread; empty when the tid is of another pid namespace. */
export function threadName(pid: number, tid: number): string {
  return procComm(`${procRoot}/${pid}/task/${tid}`);
}
