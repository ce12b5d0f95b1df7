/** What a timeline page shows of a session: an attached one, one that is over, or an opened recording. Pure: no VS Code. */
import type { SessionViewDto } from '../../webview/protocol.ts';
import type { DebugSession } from '../session/debugSession.ts';
import type { FaultTrace } from '../session/faultTrace.ts';

export interface TimelineSession extends Pick<
  DebugSession,
  'id' | 'colour' | 'dto' | 'threads' | 'ranges' | 'mapChange' | 'nowNs'
> {
  readonly trace: Pick<
    FaultTrace,
    'batchAfter' | 'rowsBefore' | 'revision' | 'keptRows' | 'droppedRows' | 'overview'
  >;
  /** Null while it is attached. */
  readonly end: {
    readonly reason: NonNullable<SessionViewDto['endReason']>;
    /** One sentence for people. */
    readonly text: string;
  } | null;
}
