/** The recordings that go on: at most one of each session, each into a file of its own. Pure: no VS Code. */
import path from 'node:path';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { DebugSession } from '../session/debugSession.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import { describeSession } from './describeSession.ts';
import { TraceRecording, type RecordingFailure } from './recording.ts';
import { historyOf } from './traceRows.ts';

/** Where a recording begins: with the rows to come, or with all that the history holds. */
export type RecordingStart = 'now' | 'history';

/** What became of a recording. */
export interface RecordingEnd {
  readonly session: DebugSession;
  readonly path: string;
  readonly rows: number;
  /** Null when it was stopped, or its session ended. */
  readonly failure: RecordingFailure | null;
}

export class Recordings implements Disposable {
  private readonly bySession = new Map<DebugSession, TraceRecording>();
  /** Paths that are recorded to, or about to be. */
  private readonly paths = new Set<string>();
  private readonly changed = new Emitter<void>();
  private readonly ended = new Emitter<RecordingEnd>();
  private readonly subscriptions = new DisposableStore();

  readonly onDidChange: Event<void> = this.changed.event;
  readonly onDidEnd: Event<RecordingEnd> = this.ended.event;

  constructor(registry: Pick<SessionRegistry, 'onDidAppendRows' | 'onDidEnd'>) {
    this.subscriptions.add(
      registry.onDidAppendRows(({ session, batch }) => this.bySession.get(session)?.add(batch)),
    );
    this.subscriptions.add(registry.onDidEnd((session) => void this.stop(session)));
  }

  /** Sessions that are being recorded, the oldest recording first. */
  get sessions(): readonly DebugSession[] {
    return [...this.bySession.keys()];
  }

  /** Rows in the files. */
  get writtenRows(): number {
    return [...this.bySession.values()].reduce((sum, { writtenRows }) => sum + writtenRows, 0);
  }

  fileOf(session: DebugSession): string | null {
    return this.bySession.get(session)?.path ?? null;
  }

  /** Whether another recording writes to this file. */
  isTaken(file: string): boolean {
    return this.paths.has(path.resolve(file));
  }

  /** @throws what opening the file answers */
  async start(session: DebugSession, file: string, start: RecordingStart): Promise<void> {
    const taken = path.resolve(file);
    this.paths.add(taken);
    try {
      const header = await describeSession(session);
      const recording = await TraceRecording.start(file, header, session, (failure) =>
        this.finished(session, recording, failure),
      );
      // In the same turn as the first row that comes later, so that none is missed and none comes twice.
      this.bySession.set(session, recording);
      recording.begin(start === 'history' ? historyOf(session.trace) : openRowsOf(session));
    } catch (error) {
      this.paths.delete(taken);
      throw error;
    }
    if (session.end !== null) {
      await this.stop(session);
    }
    this.changed.fire();
  }

  async stop(session: DebugSession): Promise<void> {
    const recording = this.bySession.get(session);
    if (recording !== undefined) {
      this.bySession.delete(session);
      await recording.stop();
      this.finished(session, recording, recording.failed);
    }
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.sessions.map((session) => this.stop(session)));
  }

  dispose(): void {
    this.subscriptions.dispose();
    void this.stopAll();
  }

  private finished(session: DebugSession, recording: TraceRecording, failure: RecordingFailure | null): void {
    if (this.paths.delete(path.resolve(recording.path))) {
      this.bySession.delete(session);
      this.changed.fire();
      this.ended.fire({ session, path: recording.path, rows: recording.writtenRows, failure });
    }
  }
}

function openRowsOf({ trace }: DebugSession): ArrayBuffer[] {
  const rows = trace.rowsOfOpenFaults();
  return rows === null ? [] : [rows];
}
