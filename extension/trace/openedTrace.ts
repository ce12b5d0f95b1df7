/** An opened trace file: the one session of a timeline page, whose rows are read once somebody needs them. Pure: no VS Code. */
import { Emitter } from 'vscode-jsonrpc/node';
import { rowsOf, type EventRows } from '../../native-helper/log/eventRows.ts';
import { packedRows } from '../../native-helper/log/packedRows.ts';
import { rowsPerChunk } from '../session/faultTrace.ts';
import type { TimelineSessions } from '../timeline/timelineController.ts';
import { hasUpdate, type TraceHeader, type TraceUpdate } from './format/traceHeader.ts';
import type { TraceProblem } from './format/traceProblem.ts';
import { RecordedSession } from './recordedSession.ts';
import { withTraceFile } from './traceFile.ts';

export interface ReadControl {
  /** @param share from 0 to 1 */
  onProgress(share: number): void;
  isCancelled(): boolean;
}

export class OpenedTrace implements TimelineSessions<RecordedSession> {
  private readonly changed = new Emitter<RecordedSession | null>();
  private readonly appended = new Emitter<{
    readonly session: RecordedSession;
    readonly batch: ArrayBuffer;
  }>();
  private readonly path: string;
  private readonly textOf: (header: TraceHeader, problem: TraceProblem | null) => string;
  private session: RecordedSession | null = null;

  readonly onDidChange = this.changed.event;
  readonly onDidAppendRows = this.appended.event;

  /** @param textOf what is said above the timeline */
  constructor(path: string, textOf: (header: TraceHeader, problem: TraceProblem | null) => string) {
    this.path = path;
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
   * Reads what the file says of its session, and what its rows look like as far as it tells.
   * @throws UnreadableTrace when nothing can be shown, and what open(2) and read(2) answer
   */
  open(isCancelled: () => boolean): Promise<RecordedSession> {
    return withTraceFile(this.path, async (source) => {
      const [{ readHeader }, { readOutline }] = await Promise.all([
        import(/* webpackChunkName: "traceReader" */ './format/traceReader.ts'),
        import(/* webpackChunkName: "traceReader" */ './format/traceOutline.ts'),
      ]);
      const header = await readHeader(source);
      const outline = await readOutline(source, isCancelled);
      const session = new RecordedSession(header, outline, this.textOf(header, null));
      this.session = session;
      this.changed.fire(null);
      return session;
    });
  }

  /**
   * Reads the rows of a file that was opened, as far as they can be read.
   * @returns what was wrong where reading stopped; null when nothing was
   * @throws what open(2) and read(2) answer
   */
  async read(session: RecordedSession, control: ReadControl): Promise<TraceProblem | null> {
    const { readRows } = await import(/* webpackChunkName: "traceReader" */ './format/traceReader.ts');
    const { header } = session;
    const problem = await withTraceFile(this.path, (source) =>
      readRows(
        source,
        header,
        {
          onRows: (rows, update) => this.take(session, rows, update),
          onProgress: (doneBytes) => control.onProgress(doneBytes / source.sizeBytes),
        },
        () => control.isCancelled(),
      ),
    );
    session.endReading(this.textOf(header, problem));
    this.changed.fire(session);
    return problem;
  }

  /** In pieces that a page takes up one at a time. */
  private take(session: RecordedSession, rows: EventRows, update: TraceUpdate): void {
    if (hasUpdate(update)) {
      session.threads = update.threads ?? session.threads;
      session.codes = update.codes ?? session.codes;
      session.ranges = update.ranges ?? session.ranges;
      this.changed.fire(session);
    }
    for (let from = 0; from < rows.count; from += rowsPerChunk) {
      const piece = rowsOf(rows, from, Math.min(rows.count, from + rowsPerChunk));
      const batch = packedRows(piece);
      session.trace.append(batch, piece);
      session.tookRowsUntil(piece.timeNs[piece.count - 1]!);
      this.appended.fire({ session, batch });
    }
  }

  dispose(): void {
    this.changed.dispose();
    this.appended.dispose();
  }
}
