/** Entry of the timeline page: connects the state, the host and the page's root element. */
import { connectToHost } from './hostConnection.ts';
import { HostSync } from './state/hostSync.ts';
import { watchFilter } from './state/filterWatch.ts';
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
const host = new HostSync(state, connectToHost(vscode), (command) => page.do(command));
watchFilter(state);
watchPreflight(state, host);
watchPreview(state, host);
page.start(state, host);
host.start();
