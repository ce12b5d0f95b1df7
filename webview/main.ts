/** Entry of the timeline page: connects the state, the host and the page's root element. */
import { CopyAskedNotification } from './copyProtocol.ts';
import { connectToHost } from './hostConnection.ts';
import { HostSync } from './state/hostSync.ts';
import { watchPreflight } from './state/preflightWatch.ts';
import { watchPreview } from './state/previewWatch.ts';
import { keepState } from './state/savedState.ts';
import { TimelineState } from './state/timelineState.ts';
import { TimelineApp } from './ui/timelineApp.ts';

const page = document.querySelector('uffd-timeline');
if (!(page instanceof TimelineApp)) {
  throw new Error('the page has no <uffd-timeline>');
}
const vscode = acquireVsCodeApi();
const state = new TimelineState();
keepState(state, vscode);
const connection = connectToHost(vscode);
const host = new HostSync(state, connection, (command) => page.do(command));
watchPreflight(state, host);
watchPreview(state, host);
page.start(state, host, (text) => void connection.sendNotification(CopyAskedNotification, { text }));
host.start();
