/** A trace file that is open in one editor or several: read once, whoever shows it. */
import * as vscode from 'vscode';
import { recordingText, traceNotRead, traceProblemText } from '../messages/traceMessages.ts';
import { targetName } from '../target/targetName.ts';
import { UnreadableTrace } from './format/traceProblem.ts';
import { OpenedTrace, type ReadControl } from './openedTrace.ts';
import { localTime } from './localTime.ts';
import type { RecordedSession } from './recordedSession.ts';

/** Reading that takes longer shows how far it is. */
const showProgressAfterMs = 1000;

export class TraceDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly trace: OpenedTrace;
  /** Set once nothing can be shown. */
  failure: string | null = null;
  private isClosed = false;
  private reading: Promise<void> | null = null;
  private readonly failed = new vscode.EventEmitter<void>();
  readonly onDidFail = this.failed.event;

  constructor(uri: vscode.Uri) {
    this.uri = uri;
    this.trace = new OpenedTrace(uri.fsPath, ({ startedAt, session }, problem) =>
      recordingText(localTime(startedAt), targetName(session), problem),
    );
  }

  /** Reads what there is to show before the rows; afterwards there is a session, or a failure. */
  open(): Promise<void> {
    return this.orFail(() => this.trace.open(() => this.isClosed));
  }

  /** Reads the rows, as far as they can be read, unless they have been read. */
  readRows(session: RecordedSession): Promise<void> {
    this.reading ??= this.orFail(() => this.withProgress((control) => this.trace.read(session, control)));
    return this.reading;
  }

  dispose(): void {
    this.isClosed = true;
    this.trace.dispose();
    this.failed.dispose();
  }

  private async orFail(read: () => Promise<unknown>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!this.isClosed) {
        this.failure =
          error instanceof UnreadableTrace ? traceProblemText(error.problem) : traceNotRead(error);
        this.failed.fire();
      }
    }
  }

  /** Shows how far `read` has come, and lets the user cancel it, when it takes a while. */
  private async withProgress(read: (control: ReadControl) => Promise<unknown>): Promise<void> {
    let share = 0;
    let isCancelled = false;
    let report: (share: number) => void = () => undefined;
    const reading = read({
      isCancelled: () => isCancelled || this.isClosed,
      onProgress: (now) => {
        share = now;
        report(now);
      },
    });
    const timer = setTimeout(() => {
      void vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: vscode.l10n.t('Reading {0}', this.uri.fsPath),
          cancellable: true,
        },
        async (progress, token) => {
          token.onCancellationRequested(() => {
            isCancelled = true;
          });
          let shown = 0;
          report = (now) => {
            progress.report({ increment: 100 * (now - shown) });
            shown = now;
          };
          report(share);
          await reading.catch(() => undefined);
        },
      );
    }, showProgressAfterMs);
    try {
      await reading;
    } finally {
      clearTimeout(timer);
    }
  }
}
