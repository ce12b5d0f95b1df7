/** The editor of trace files: the timeline of one recording, to be looked at. */
import * as vscode from 'vscode';
import { ContextKey } from '../contributions.ts';
import { targetName } from '../target/targetName.ts';
import { DisposableStore } from '../disposableStore.ts';
import { TimelineController } from '../timeline/timelineController.ts';
import { loadTimeline } from '../timeline/timelineWebview.ts';
import * as userErrors from '../userErrors.ts';
import { UnreadableTrace } from './format/traceProblem.ts';
import { OpenedTrace, type RecordedSession } from './recordedSession.ts';
import { unreadableHtml } from './unreadableHtml.ts';

/** Reading that takes longer shows how far it is. */
const showProgressAfterMs = 1000;

/** A trace that is open in an editor. */
export interface TraceTab {
  readonly uri: vscode.Uri;
  readonly controller: TimelineController<RecordedSession>;
  readonly session: RecordedSession;
}

class TraceDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly trace: OpenedTrace;
  /** Set once nothing can be shown. */
  failure: string | null = null;
  isClosed = false;
  private readonly onFailure = new vscode.EventEmitter<void>();
  readonly onDidFail = this.onFailure.event;

  constructor(uri: vscode.Uri) {
    this.uri = uri;
    this.trace = new OpenedTrace(({ startedAt, session }, problem) =>
      userErrors.recordingText(startedAt, targetName(session), problem),
    );
  }

  fail(text: string): void {
    this.failure = text;
    this.onFailure.fire();
  }

  dispose(): void {
    this.isClosed = true;
    this.trace.dispose();
    this.onFailure.dispose();
  }
}

export class TraceEditor implements vscode.CustomReadonlyEditorProvider<TraceDocument> {
  private readonly dist: vscode.Uri;
  private readonly log: vscode.LogOutputChannel;
  private readonly controllers = new Map<
    vscode.WebviewPanel,
    [TraceDocument, TimelineController<RecordedSession>]
  >();

  constructor(dist: vscode.Uri, log: vscode.LogOutputChannel) {
    this.dist = dist;
    this.log = log;
  }

  /** The traces that are shown, each with the editor it is shown in. */
  get opened(): readonly TraceTab[] {
    return [...this.controllers.values()].flatMap(([{ uri, trace }, controller]) =>
      trace.current === null ? [] : [{ uri, controller, session: trace.current }],
    );
  }

  /** The trace whose editor is the active one; null when none is, or when it cannot be shown. */
  get active(): TraceTab | null {
    const active = [...this.controllers].find(([panel]) => panel.active)?.[1][1];
    return this.opened.find(({ controller }) => controller === active) ?? null;
  }

  openCustomDocument(uri: vscode.Uri): TraceDocument {
    const document = new TraceDocument(uri);
    void this.read(document);
    return document;
  }

  resolveCustomEditor(document: TraceDocument, panel: vscode.WebviewPanel): void {
    const store = new DisposableStore();
    const controller = store.add(
      new TimelineController<RecordedSession>(panel.webview, document.trace, {
        // The page asks nothing of a session that is over.
        answerRequests: () => () => undefined,
        attach: () => undefined,
        startDemo: () => undefined,
        leave: () => void panel.dispose(),
        addRule: () => undefined,
        copy: (text) => void vscode.env.clipboard.writeText(text),
        reportProblem: (problem) => this.log.warn(problem),
      }),
    );
    this.controllers.set(panel, [document, controller]);
    const tell = (): void => {
      controller.setVisible(panel.visible && document.failure === null);
      this.setActiveKey();
    };
    const showFailure = (): void => {
      if (document.failure !== null) {
        controller.setVisible(false);
        panel.webview.options = {};
        panel.webview.html = unreadableHtml(document.uri.fsPath, document.failure);
      }
    };
    store.add(panel.onDidChangeViewState(tell));
    store.add(document.onDidFail(showFailure));
    panel.onDidDispose(() => {
      this.controllers.delete(panel);
      store.dispose();
      this.setActiveKey();
    });
    tell();
    if (document.failure === null) {
      loadTimeline(panel.webview, this.dist, vscode.l10n.t('Userfaultfd Trace'));
    } else {
      showFailure();
    }
  }

  private setActiveKey(): void {
    const isActive = [...this.controllers.keys()].some(({ active }) => active);
    void vscode.commands.executeCommand('setContext', ContextKey.traceActive, isActive);
  }

  private async read(document: TraceDocument): Promise<void> {
    let share = 0;
    let isCancelled = false;
    let report: (share: number) => void = () => undefined;
    const reading = document.trace.read(document.uri.fsPath, {
      isCancelled: () => isCancelled || document.isClosed,
      onProgress: (now) => {
        share = now;
        report(now);
      },
    });
    const timer = setTimeout(() => {
      void vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: vscode.l10n.t('Reading {0}', document.uri.fsPath),
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
    } catch (error) {
      if (!document.isClosed) {
        document.fail(
          error instanceof UnreadableTrace
            ? userErrors.traceProblemText(error.problem)
            : userErrors.traceNotRead(error),
        );
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
