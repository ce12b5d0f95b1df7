/** Two sessions for the page: the sample target, and one that began two seconds later. */
import type { SessionViewDto } from '../../../webview/protocol.ts';
import { liveView, SampleLog } from './sampleTrace.ts';
import type { PageStart, SessionStart } from './timelinePage.ts';
import { fourFaults, ms } from './usePage.ts';

/** How much later the second session began. */
export const laterNs = 2000 * ms;

export const secondView: SessionViewDto = {
  ...liveView,
  session: {
    ...liveView.session,
    sessionId: 2,
    pid: 5150,
    comm: 'restore',
    commandLine: './restore snapshot.img',
    uffd: { ...liveView.session.uffd, fd: 11, inode: 90211 },
    startTimeNs: `0x${(BigInt(liveView.session.startTimeNs) + BigInt(laterNs)).toString(16)}`,
  },
  colour: 1,
  threads: [
    { tid: 5151, comm: 'loader' },
    { tid: 5152, comm: 'verifier' },
  ],
  nowNs: 1000 * ms,
};

/** Two threads: one finished fault and one held, and one held. Its clock stands at one second. */
export function secondSession(): SessionStart {
  const log = new SampleLog();
  const over = { readAfterNs: 5 * ms, resolvedAfterNs: 90 * ms, wakesAtOnce: true };
  log.fault({ tid: 5151, raisedNs: 100 * ms, page: 1, ...over });
  log.fault({ tid: 5151, raisedNs: 400 * ms, page: 2, readAfterNs: 5 * ms });
  log.fault({ tid: 5152, raisedNs: 700 * ms, page: 3, readAfterNs: 5 * ms });
  return { view: secondView, rows: log.rows() };
}

export const twoSessions: Partial<PageStart> = {
  rows: fourFaults(),
  nowNs: laterNs + 1000 * ms,
  others: [secondSession()],
};
