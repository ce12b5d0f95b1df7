/** An opened trace file as a timeline page shows it: a session that is over. Pure: no VS Code. */
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import type { SessionDto, ThreadDto } from '../../native-helper/protocol/session.ts';
import type { CodeDto } from '../../webview/protocol.ts';
import type { ThreadOverview } from '../session/faultTrace.ts';
import type { TimelineSession } from '../timeline/timelineSession.ts';
import type { TraceHeader } from './format/traceHeader.ts';
import type { TraceOutline } from './format/traceOutline.ts';
import { RecordedTrace } from './recordedTrace.ts';

export class RecordedSession implements TimelineSession {
  readonly id = 1;
  readonly colour = 0;
  readonly mapChange = null;
  readonly trace = new RecordedTrace();
  readonly header: TraceHeader;
  threads: readonly ThreadDto[];
  codes: readonly CodeDto[];
  ranges: readonly RangeDto[];
  end: { readonly reason: 'recording'; readonly text: string };
  /** What its rows that have not been read yet look like; null when that is not known, or all have been. */
  private outline: TraceOutline | null;
  private lastNs = 0;

  constructor(header: TraceHeader, outline: TraceOutline | null, text: string) {
    this.header = header;
    this.outline = outline;
    this.threads = header.threads;
    this.codes = header.codes;
    this.ranges = header.session.ranges;
    this.end = { reason: 'recording', text };
  }

  get dto(): SessionDto {
    return this.header.session;
  }

  get revision(): number {
    return Math.max(this.trace.revision, this.outline?.lastSequence ?? 0);
  }

  /** Time of its last row. */
  nowNs(): number {
    return Math.max(this.lastNs, this.outline?.lastNs ?? 0);
  }

  overview(): ThreadOverview[] {
    return this.outline === null
      ? this.trace.overview()
      : [...this.outline.overviews].map(([tid, overview]) => ({ tid, bytes: overview.packed() }));
  }

  tookRowsUntil(timeNs: number): void {
    this.lastNs = Math.max(this.lastNs, timeNs);
  }

  /** No more rows will be read. */
  endReading(text: string): void {
    this.outline = null;
    this.end = { reason: 'recording', text };
  }
}
