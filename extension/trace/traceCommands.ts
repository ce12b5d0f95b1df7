/** Start Recording…, Stop Recording, Export Trace…. */
import { homedir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { askSessions, sessionArgument } from '../commands/sessionItems.ts';
import { pick } from '../commands/steps/ask.ts';
import { traceExtension } from '../contributions.ts';
import { notAttached, sessionIsOver } from '../messages/sessionMessages.ts';
import {
  exportFailed,
  nothingRecorded,
  nothingRecording,
  nothingToExport,
  recordedAlready,
  recordingFileTaken,
  recordingNotStarted,
  traceExported,
} from '../messages/traceMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { targetName } from '../target/targetName.ts';
import type { Selection } from '../timeline/timelineController.ts';
import { activeTimeline, type Timelines } from '../timeline/activeTimeline.ts';
import type { TimelineSession } from '../timeline/timelineSession.ts';
import { chromeExport } from './chromeExport.ts';
import { csvExport } from './csvExport.ts';
import { exportSource, type ExportSource } from './exportSource.ts';
import type { Recordings, RecordingStart } from './recordings.ts';
import { writeExport } from './writeExport.ts';

export interface TraceServices extends Timelines {
  readonly recordings: Recordings;
}

export async function startRecording(services: TraceServices): Promise<void> {
  const { registry, recordings } = services;
  const session = registry.attached;
  if (session === null) {
    showMessage(registry.current === null ? notAttached() : sessionIsOver());
    return;
  }
  const recorded = recordings.fileOf(session);
  if (recorded !== null) {
    showMessage(recordedAlready(recorded));
    return;
  }
  const start = await askStart(session);
  if (start === undefined) {
    return;
  }
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Record Into'),
    defaultUri: inWorkspace(`${fileName(session)}${traceExtension}`),
    filters: { [vscode.l10n.t('Userfaultfd Trace')]: ['uffd.arrows', 'arrows'] },
  });
  if (file === undefined) {
    return;
  }
  if (recordings.isTaken(file.fsPath)) {
    showMessage(recordingFileTaken(file.fsPath));
    return;
  }
  try {
    await recordings.start(session, file.fsPath, start);
  } catch (error) {
    showMessage(recordingNotStarted(file.fsPath, error, () => startRecording(services)));
  }
}

async function askStart(session: DebugSession): Promise<RecordingStart | undefined> {
  const { keptRows, droppedRows } = session.trace;
  const before =
    droppedRows === 0
      ? vscode.l10n.t('All {0} rows since the session began', keptRows)
      : vscode.l10n.t('The newest {0} rows; {1} older ones are gone', keptRows, droppedRows);
  const chosen = await pick(
    vscode.l10n.t('Start Recording'),
    vscode.l10n.t('What to record of {0}', targetName(session.dto)),
    [
      {
        label: vscode.l10n.t('From now on'),
        description: vscode.l10n.t('With the faults that are open now'),
        start: 'now' as const,
      },
      {
        label: vscode.l10n.t('Also from before'),
        description: before,
        start: 'history' as const,
      },
    ],
  );
  return chosen?.start;
}

/** @param argument `{ sessionId }` */
export async function stopRecording(
  { recordings, registry }: TraceServices,
  argument: unknown,
): Promise<void> {
  const { sessions } = recordings;
  if (sessions.length === 0) {
    showMessage(nothingRecording());
    return;
  }
  const chosen = await askSessions(
    vscode.l10n.t('Stop Recording'),
    vscode.l10n.t('Choose the session whose recording is to end'),
    sessions,
    {
      current: registry.current,
      argument: v.is(sessionArgument, argument) ? argument : undefined,
      allLabel: vscode.l10n.t('All {0} recordings', sessions.length),
    },
  );
  await Promise.all((chosen ?? []).map((session) => recordings.stop(session)));
}

/** From the active trace editor, or else from the current session. */
export async function exportTrace(services: TraceServices): Promise<void> {
  const timeline = activeTimeline(services);
  await timeline.rowsAreRead();
  const { session, selection } = timeline;
  if (session === null || session.trace.revision === 0) {
    showMessage(session === null ? nothingToExport() : nothingRecorded());
    return;
  }
  const title = vscode.l10n.t('Export Trace');
  const faultIds = await askFaults(title, selection);
  if (faultIds === undefined) {
    return;
  }
  const format = await pick(title, vscode.l10n.t('Choose a format'), [
    {
      label: vscode.l10n.t('Chrome trace (JSON)'),
      description: vscode.l10n.t('For Perfetto and speedscope: a slice per fault, with its phases'),
      suffix: '.json',
      pieces: chromeExport,
    },
    {
      label: vscode.l10n.t('CSV'),
      description: vscode.l10n.t('A line per row of the event log'),
      suffix: '.csv',
      pieces: csvExport,
    },
  ]);
  if (format === undefined) {
    return;
  }
  const file = await vscode.window.showSaveDialog({
    title,
    defaultUri: inWorkspace(`${fileName(session)}${format.suffix}`),
    filters: { [format.label]: [format.suffix.slice(1)] },
  });
  if (file !== undefined) {
    const source = exportSource(session, faultIds);
    await write(file.fsPath, source, format.pieces);
  }
}

async function write(file: string, source: ExportSource, pieces: typeof csvExport): Promise<void> {
  try {
    const events = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Exporting into {0}', file),
        cancellable: true,
      },
      (progress, token) =>
        writeExport(file, pieces(source), {
          onProgress: (rows) => progress.report({ increment: (100 * rows) / Math.max(1, source.rowCount) }),
          isCancelled: () => token.isCancellationRequested,
        }),
    );
    if (events !== null) {
      showMessage(traceExported(file, events));
    }
  } catch (error) {
    showMessage(exportFailed(file, error));
  }
}

/** Null for all faults; undefined when the question was left. */
async function askFaults(
  title: string,
  { faultIds }: Selection,
): Promise<ReadonlySet<number> | null | undefined> {
  if (faultIds.length === 0) {
    return null;
  }
  const chosen = await pick(title, vscode.l10n.t('Choose what to export'), [
    { label: vscode.l10n.t('All faults'), faults: null },
    { label: vscode.l10n.t('The {0} selected faults', faultIds.length), faults: new Set(faultIds) },
  ]);
  return chosen?.faults;
}

/** Target and time, so that names do not meet. */
function fileName({ dto }: Pick<TimelineSession, 'dto'>): string {
  const name = dto.comm.replaceAll(/[^\w.-]+/g, '-') || 'uffd';
  const now = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${name}-${dto.pid}-${now}`;
}

function inWorkspace(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  return vscode.Uri.file(path.join(folder, name));
}
