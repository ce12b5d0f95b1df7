/** The editor of trace files: the timeline of one recording, to be looked at. */
import * as vscode from 'vscode';
import { ContextKey } from '../contributions.ts';
import { DisposableStore } from '../disposableStore.ts';
import { TimelineController } from '../timeline/timelineController.ts';
import { loadTimeline } from '../timeline/timelineWebview.ts';
import type { RecordedSession } from './recordedSession.ts';
import { TraceDocument } from './traceDocument.ts';
import { unreadableHtml } from './unreadableHtml.ts';

/** A trace that is open in an editor. */
export interface TraceTab {
  readonly document: TraceDocument;
  readonly controller: TimelineController<RecordedSession>;
  readonly session: RecordedSession;
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
    return [...this.controllers.values()].flatMap(([document, controller]) => {
      const session = document.trace.current;
      return session === null ? [] : [{ document, controller, session }];
    });
  }

  /** The trace whose editor is the active one; null when none is, or when it cannot be shown. */
  get active(): TraceTab | null {
    const active = [...this.controllers].find(([panel]) => panel.active)?.[1][1];
    return this.opened.find(({ controller }) => controller === active) ?? null;
  }

  /** A page that asks once this is done finds the session there. */
  async openCustomDocument(uri: vscode.Uri): Promise<TraceDocument> {
    const document = new TraceDocument(uri);
    await document.open();
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
        openRecording: () => undefined,
        leave: () => void panel.dispose(),
        addRule: () => undefined,
        // Until the page has its first picture the rows would only delay it.
        onHydrated: () => document.trace.sessions.forEach((session) => void document.readRows(session)),
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
}
