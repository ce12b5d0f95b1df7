/** What a trace file says of a session. Pure: no VS Code. */
import { readlink } from 'node:fs/promises';
import { release } from 'node:os';
import type { DebugSession } from '../session/debugSession.ts';
import { formatVersion, type TraceHeader } from './format/traceHeader.ts';

export async function describeSession(session: DebugSession): Promise<TraceHeader> {
  const { dto, ranges, threads, codes } = session;
  const sinceStartNs = process.hrtime.bigint() - BigInt(dto.startTimeNs);
  const startedAtMs = Date.now() - Number(sinceStartNs) / 1e6;
  return {
    formatVersion,
    session: { ...dto, ranges },
    // Of another user's process it cannot be read.
    exe: dto.pid === 0 ? '' : await readlink(`/proc/${dto.pid}/exe`).catch(() => ''),
    kernelRelease: release(),
    startedAt: new Date(startedAtMs).toISOString(),
    threads: [...threads],
    codes,
  };
}
