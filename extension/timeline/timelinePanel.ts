/** The timeline's editor panel: opened by command, restored after a window reload. */
import * as vscode from 'vscode';
import type { LaneDto, ViewCommand } from '../../webview/protocol.ts';
import { ContextKey, Setting, timelineViewType } from '../contributions.ts';
import { DisposableStore } from '../disposableStore.ts';
import {
  TimelineController,
  type Selection,
  type TimelineHost,
  type TimelineSessions,
} from './timelineController.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { loadTimeline } from './timelineWebview.ts';

interface OpenTimeline {
  readonly panel: vscode.WebviewPanel;
  readonly controller: TimelineController<DebugSession>;
}

export class TimelinePanel implements vscode.WebviewPanelSerializer {
  private readonly dist: vscode.Uri;
  private readonly sessions: TimelineSessions<DebugSession>;
  private readonly host: TimelineHost<DebugSession>;
  private open: OpenTimeline | null = null;

  /** @param dist folder of the built page; nothing else can be loaded by it */
  constructor(dist: vscode.Uri, sessions: TimelineSessions<DebugSession>, host: TimelineHost<DebugSession>) {
    this.dist = dist;
    this.sessions = sessions;
    this.host = host;
  }

  /** What is selected in the page. */
  get selection(): Selection {
    return this.open?.controller.selection ?? { faultId: null, faultIds: [] };
  }

  /** Opens the timeline, or brings it to the front. */
  show(): void {
    if (this.open !== null) {
      this.open.panel.reveal();
      return;
    }
    this.adopt(
      vscode.window.createWebviewPanel(
        timelineViewType,
        vscode.l10n.t('Userfaultfd Timeline'),
        vscode.ViewColumn.Active,
      ),
    );
  }

  /** Does a command in the page. False when the page is not open, or hidden. */
  send(command: ViewCommand, lane?: LaneDto): boolean {
    if (this.open?.panel.visible !== true) {
      return false;
    }
    if (command === 'focusResolveForm') {
      // The form can take the focus only once the panel has it.
      this.open.panel.reveal();
    }
    this.open.controller.send(command, lane);
    return true;
  }

  /** Selects a fault in the page and moves to it; when the page was just opened, once it has its data. */
  showFault(sessionId: number, faultId: number): void {
    this.open?.controller.showFault(sessionId, faultId);
  }

  /** Takes over a panel that VS Code restored; the page itself restores its view. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.adopt(panel);
    return Promise.resolve();
  }

  /** Closes it. */
  dispose(): void {
    this.open?.panel.dispose();
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.open?.panel.dispose();
    const store = new DisposableStore();
    const controller = store.add(new TimelineController(panel.webview, this.sessions, this.host));
    const open = { panel, controller };
    this.open = open;
    store.add(
      panel.onDidChangeViewState(() => {
        controller.setVisible(panel.visible);
        setActiveKey(panel.active);
      }),
    );
    panel.onDidDispose(() => {
      store.dispose();
      if (this.open === open) {
        this.open = null;
        setActiveKey(false);
      }
    });
    panel.iconPath = {
      light: vscode.Uri.joinPath(this.dist, 'timeline-light.svg'),
      dark: vscode.Uri.joinPath(this.dist, 'timeline-dark.svg'),
    };
    controller.setVisible(panel.visible);
    setActiveKey(panel.active);
    const load = (): void => loadTimeline(panel.webview, this.dist, vscode.l10n.t('Userfaultfd Timeline'));
    load();
    store.add(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(Setting.timelineWheel)) {
          // The page loads anew, and restores its view.
          load();
        }
      }),
    );
  }
}

function setActiveKey(isActive: boolean): void {
  void vscode.commands.executeCommand('setContext', ContextKey.timelineActive, isActive);
}
