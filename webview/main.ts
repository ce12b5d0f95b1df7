/** Entry of the pages: the timeline, or the live strip, as the page has the one or the other element. */
import { type MessageConnection } from 'vscode-jsonrpc/browser';
import { CopyAskedNotification } from './copyProtocol.ts';
import { connectToHost } from './hostConnection.ts';
import { HostSync } from './state/hostSync.ts';
import { watchFilter } from './state/filterWatch.ts';
import { watchLanes } from './state/laneWatch.ts';
import { watchPreflight } from './state/preflightWatch.ts';
import { watchPreview } from './state/previewWatch.ts';
import { keepState, type StateKeeper } from './state/savedState.ts';
import { TimelineState } from './state/timelineState.ts';
import { LiveStripPage } from './ui/liveStrip.ts';
import { TimelineApp } from './ui/timelineApp.ts';

const vscode = acquireVsCodeApi();
const page = document.querySelector('uffd-timeline, uffd-strip');
if (page instanceof TimelineApp) {
  startTimeline(page, vscode, connectToHost(vscode));
} else if (page instanceof LiveStripPage) {
  page.start(connectToHost(vscode));
} else {
  throw new Error('the page has neither <uffd-timeline> nor <uffd-strip>');
}

function startTimeline(app: TimelineApp, keeper: StateKeeper, connection: MessageConnection): void {
  const state = new TimelineState();
  keepState(state, keeper);
  const host = new HostSync(state, connection, (command, lane) => app.do(command, lane));
  watchFilter(state);
  watchLanes(state);
  watchPreflight(state, host);
  watchPreview(state, host);
  app.start(state, host, (text) => void connection.sendNotification(CopyAskedNotification, { text }));
  host.start();
}
