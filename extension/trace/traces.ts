/** Trace files in this window: recordings, the editor that shows them, and their commands. */
import * as vscode from 'vscode';
import { arrowsViewType, traceViewType, TraceCommand, type TraceCommandId } from '../contributions.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import { recordingFailed, recordingSaved } from '../messages/traceMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import type { TimelinePanel } from '../timeline/timelinePanel.ts';
import { compareTraces } from './compareTraces.ts';
import { openRecording } from './openRecording.ts';
import { RecordingItem } from './recordingItem.ts';
import { Recordings } from './recordings.ts';
import { exportTrace, startRecording, stopRecording } from './traceCommands.ts';
import type { TraceEditor } from './traceEditor.ts';

export interface Traces extends Disposable {
  /** Ends the files of all recordings. */
  stopRecordings(): Promise<void>;
}

export function registerTraces(
  editor: TraceEditor,
  registry: SessionRegistry,
  timeline: TimelinePanel,
): Traces {
  const store = new DisposableStore();
  const recordings = store.add(new Recordings(registry));
  const services = { registry, recordings, timeline, editor };
  store.add(new RecordingItem(recordings));
  store.add(
    recordings.onDidEnd(({ path, rows, failure }) => {
      showMessage(failure === null ? recordingSaved(path, rows) : recordingFailed(path, rows, failure));
    }),
  );
  for (const viewType of [traceViewType, arrowsViewType]) {
    store.add(
      vscode.window.registerCustomEditorProvider(viewType, editor, {
        supportsMultipleEditorsPerDocument: true,
      }),
    );
  }
  const handlers: Record<TraceCommandId, (argument: unknown) => Promise<void>> = {
    [TraceCommand.startRecording]: () => startRecording(services),
    [TraceCommand.stopRecording]: (argument) => stopRecording(services, argument),
    [TraceCommand.open]: () => openRecording(),
    [TraceCommand.export]: () => exportTrace(services),
    [TraceCommand.compare]: () => compareTraces(editor),
  };
  for (const [id, handler] of Object.entries(handlers)) {
    store.add(vscode.commands.registerCommand(id, handler));
  }
  return {
    stopRecordings: () => recordings.stopAll(),
    dispose: () => store.dispose(),
  };
}
