/** The timeline that commands are about: that of the trace file in the active editor, or else that of the window's sessions. */
import type { LaneDto, ViewCommand } from '../../webview/protocol.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import type { TraceEditor } from '../trace/traceEditor.ts';
import type { Selection } from './timelineController.ts';
import type { TimelinePanel } from './timelinePanel.ts';
import type { TimelineSession } from './timelineSession.ts';

export interface ActiveTimeline {
  /** The current one; null when there is none. */
  readonly session: TimelineSession | null;
  readonly selection: Selection;
  /** Does a command in the page, about a lane or what is selected. False when the page is not open, or hidden. */
  send(command: ViewCommand, lane?: LaneDto): boolean;
  /** Until all rows of a file are in memory that can be read. */
  rowsAreRead(): Promise<void>;
}

export interface Timelines {
  readonly registry: SessionRegistry;
  readonly timeline: TimelinePanel;
  readonly editor: TraceEditor;
}

export function activeTimeline({ registry, timeline, editor }: Timelines): ActiveTimeline {
  const tab = editor.active;
  return tab === null
    ? {
        session: registry.current,
        selection: timeline.selection,
        send: (command, lane) => timeline.send(command, lane),
        rowsAreRead: () => Promise.resolve(),
      }
    : {
        session: tab.session,
        selection: tab.controller.selection,
        send: (command, lane) => {
          tab.controller.send(command, lane);
          return true;
        },
        rowsAreRead: () => tab.document.readRows(tab.session),
      };
}
