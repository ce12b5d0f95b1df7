/** What a timeline page shows of a session: an attached one, one that is over, or an opened recording. Pure: no VS Code. */
import type { ThreadDto } from '../../native-helper/protocol/session.ts';
import type { SessionViewDto } from '../../webview/protocol.ts';
import type { DebugSession } from '../session/debugSession.ts';
import type { FaultTrace, ThreadOverview } from '../session/faultTrace.ts';

export interface TimelineSession extends Pick<
  DebugSession,
  'id' | 'colour' | 'dto' | 'codes' | 'ranges' | 'mapChange' | 'nowNs'
> {
  /** Threads that have faulted, in the order of their first fault. */
  readonly threads: readonly ThreadDto[];
  readonly trace: Pick<
    FaultTrace,
    'batchAfter' | 'rowsBefore' | 'revision' | 'keptRows' | 'droppedRows' | 'openFaults'
  >;
  /** Sequence number of the newest row there is: of a file that is being read, of its last one. */
  readonly revision: number;
  /** What is over of each thread up to there. */
  overview(): ThreadOverview[];
  /** Null while it is attached. */
  readonly end: {
    readonly reason: NonNullable<SessionViewDto['endReason']>;
    /** One sentence for people. */
    readonly text: string;
  } | null;
}
