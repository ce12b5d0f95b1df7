/** The timeline page in a webview. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { timelineWheel } from '../configuration.ts';
import { timelineHtml } from './timelineHtml.ts';

/** @param dist folder of the built page; nothing else can be loaded by it */
export function loadTimeline(webview: vscode.Webview, dist: vscode.Uri, title: string): void {
  const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  webview.html = timelineHtml({
    nonce: randomBytes(24).toString('base64url'),
    cspSource: webview.cspSource,
    scriptUri: file('timeline.js'),
    styleUri: file('timeline.css'),
    codiconUri: file('codicon.css'),
    title,
    wheel: timelineWheel(),
  });
}
