/** An opened trace file as a timeline page shows it: a session that is over. Pure: no VS Code. */
import { open } from 'node:fs/promises';
import { Emitter } from 'vscode-jsonrpc/node';
import { packedRows } from '../../native-helper/log/packedRows.ts';
import type { RangeDto, SessionDto, ThreadDto } from '../../native-helper/protocol.ts';
import type { TimelineSession } from '../timeline/timelineSession.ts';
import type { TimelineSessions } from '../timeline/timelineController.ts';
import type { TraceHeader } from './format/traceHeader.ts';
import type { TraceProblem } from './format/traceProblem.ts';
import { RecordedTrace } from './recordedTrace.ts';

export class RecordedSession implements TimelineSession {
  readonly id = 1;
  readonly colour = 0;
  readonly mapChange = null;
  readonly trace = new RecordedTrace();
  readonly header: TraceHeader;
  threads: ThreadDto[];
  ranges: readonly RangeDto[];
  end: { readonly reason: 'recording'; readonly text: string };
  private lastNs = 0;

  constructor(header: TraceHeader, text: string) {
    this.header = header;
    this.threads = [...header.threads];
    this.ranges = header.session.ranges;
    this.end = { reason: 'recording', text };
  }

  get dto(): SessionDto {
    return this.header.session;
  }

  /** Time of its last row. */
  nowNs(): number {
    return this.lastNs;
  }

  tookRowsUntil(timeNs: number): void {
    this.lastNs = Math.max(this.lastNs, timeNs);
  }
}

/** The one session of a trace file, while it is being read and after. */
export class OpenedTrace implements TimelineSessions<RecordedSession> {
  private readonly changed = new Emitter<RecordedSession | null>();
  private readonly appended = new Emitter<{
    readonly session: RecordedSession;
    readonly batch: ArrayBuffer;
  }>();
  private readonly textOf: (header: TraceHeader, problem: TraceProblem | null) => string;
  private session: RecordedSession | null = null;

  readonly onDidChange = this.changed.event;
  readonly onDidAppendRows = this.appended.event;

  /** @param textOf what is said above the timeline */
  constructor(textOf: (header: TraceHeader, problem: TraceProblem | null) => string) {
    this.textOf = textOf;
  }

  get current(): RecordedSession | null {
    return this.session;
  }

  get sessions(): readonly RecordedSession[] {
    return this.session === null ? [] : [this.session];
  }

  show(): void {
    // There is only the one.
  }

  /**
   * Reads a file as far as it can be read.
   * @throws UnreadableTrace when nothing can be shown, and what open(2) and read(2) answer
   */
  async read(path: string, control: ReadControl): Promise<TraceProblem | null> {
    const { readTrace } = await import(/* webpackChunkName: "traceReader" */ './format/traceReader.ts');
    const file = await open(path, 'r');
    try {
      const { size: sizeBytes } = await file.stat();
      const source = {
        sizeBytes,
        read: async (position: number, lengthBytes: number) => {
          const buffer = new Uint8Array(Math.max(0, Math.min(lengthBytes, sizeBytes - position)));
          const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
          return bytesRead === buffer.length ? buffer : buffer.slice(0, bytesRead);
        },
      };
      const problem = await readTrace(
        source,
        {
          onHeader: (header) => {
            this.session = new RecordedSession(header, this.textOf(header, null));
            this.changed.fire(null);
          },
          onRows: (rows, update) => {
            const session = this.session!;
            const batch = packedRows(rows);
            session.trace.append(batch);
            session.tookRowsUntil(rows.timeNs[rows.count - 1]!);
            if (update.threads !== undefined || update.ranges !== undefined) {
              session.threads = [...(update.threads ?? session.threads)];
              session.ranges = update.ranges ?? session.ranges;
              this.changed.fire(session);
            }
            this.appended.fire({ session, batch });
          },
          onProgress: (doneBytes) => control.onProgress(doneBytes / sizeBytes),
        },
        () => control.isCancelled(),
      );
      if (problem !== null && this.session !== null) {
        this.session.end = { reason: 'recording', text: this.textOf(this.session.header, problem) };
        this.changed.fire(this.session);
      }
      return problem;
    } finally {
      await file.close();
    }
  }

  dispose(): void {
    this.changed.dispose();
    this.appended.dispose();
  }
}

export interface ReadControl {
  /** @param share from 0 to 1 */
  onProgress(share: number): void;
  isCancelled(): boolean;
}
