/** The live strip in the bottom panel: latency, queue depth and last faults of the current session. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { DisposableStore } from '../disposableStore.ts';
import { timelineHtml } from '../timeline/timelineHtml.ts';
import { StripController, type StripHost, type StripSessions } from './stripController.ts';

export class LiveStrip implements vscode.WebviewViewProvider {
  private readonly dist: vscode.Uri;
  private readonly sessions: StripSessions;
  private readonly host: StripHost;

  /** @param dist folder of the built page; nothing else can be loaded by it */
  constructor(dist: vscode.Uri, sessions: StripSessions, host: StripHost) {
    this.dist = dist;
    this.sessions = sessions;
    this.host = host;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const store = new DisposableStore();
    const controller = store.add(new StripController(view.webview, this.sessions, this.host));
    store.add(view.onDidChangeVisibility(() => controller.setVisible(view.visible)));
    view.onDidDispose(() => store.dispose());
    controller.setVisible(view.visible);
    const file = (name: string): string =>
      view.webview.asWebviewUri(vscode.Uri.joinPath(this.dist, name)).toString();
    view.webview.options = { enableScripts: true, localResourceRoots: [this.dist] };
    view.webview.html = timelineHtml({
      nonce: randomBytes(24).toString('base64url'),
      cspSource: view.webview.cspSource,
      scriptUri: file('timeline.js'),
      styleUri: file('timeline.css'),
      codiconUri: file('codicon.css'),
      title: vscode.l10n.t('Userfaultfd Live'),
      root: 'uffd-strip',
    });
  }
}
