/** What is said of recordings, trace files and exports. */
import * as vscode from 'vscode';
import { TraceCommand, traceViewType } from '../contributions.ts';
import type { TraceProblem } from '../trace/format/traceProblem.ts';
import type { RecordingFailure } from '../trace/recording.ts';
import { attach, retryWith, runCommand } from './messageActions.ts';
import type { MessageAction, UserMessage } from './userMessage.ts';

/** What a call on a file answered, by name and in words. */
function fileErrorText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const meanings: Readonly<Record<string, string>> = {
    ENOSPC: vscode.l10n.t('the disk is full'),
    EDQUOT: vscode.l10n.t('your quota of the disk is used up'),
    EFBIG: vscode.l10n.t('the file would be larger than is allowed'),
    EACCES: vscode.l10n.t('you have no access to it'),
    EPERM: vscode.l10n.t('that is not permitted'),
    EROFS: vscode.l10n.t('the file system is read-only'),
    ENOENT: vscode.l10n.t('the file or its folder does not exist'),
    ENOTDIR: vscode.l10n.t('a part of its path is no folder'),
    EISDIR: vscode.l10n.t('it is a folder'),
    EIO: vscode.l10n.t('the disk failed'),
  };
  return code in meanings ? `${code}: ${meanings[code]!}` : String(error);
}

const openTrace = (path: string): MessageAction => ({
  title: vscode.l10n.t('Open'),
  run: () => vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(path), traceViewType),
});

export function recordingNotStarted(path: string, error: unknown, retry: () => unknown): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t(
      'Nothing is recorded: {0} cannot be written ({1}). Choose another file.',
      path,
      fileErrorText(error),
    ),
    actions: [retryWith(retry)],
  };
}

export function recordingFileTaken(path: string): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t('Another session is being recorded into {0}. Choose another file.', path),
    actions: [],
  };
}

export function recordedAlready(path: string): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('This session is already being recorded, into {0}. Stop that first.', path),
    actions: [runCommand(vscode.l10n.t('Stop Recording'), TraceCommand.stopRecording)],
  };
}

export function nothingRecording(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('No session is being recorded.'),
    actions: [runCommand(vscode.l10n.t('Start Recording…'), TraceCommand.startRecording)],
  };
}

export function recordingSaved(path: string, rows: number): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('Recorded {0} rows into {1}.', rows, path),
    actions: [openTrace(path)],
  };
}

export function recordingFailed(path: string, rows: number, failure: RecordingFailure): UserMessage {
  const cause =
    failure.kind === 'write'
      ? fileErrorText(failure.error)
      : failure.kind === 'gone'
        ? vscode.l10n.t('the file was deleted')
        : vscode.l10n.t('the disk is too slow: {0} rows waited to be written', failure.rows);
  return {
    severity: 'error',
    text:
      failure.kind === 'gone'
        ? vscode.l10n.t('The recording into {0} stopped: {1}. The session goes on.', path, cause)
        : vscode.l10n.t(
            'The recording into {0} stopped: {1}. Its first {2} rows can be read. The session goes on.',
            path,
            cause,
            rows,
          ),
    actions: failure.kind === 'gone' ? [] : [openTrace(path)],
  };
}

/** What is wrong with a trace file, where, and what that means; one or two sentences. */
export function traceProblemText(problem: TraceProblem): string {
  switch (problem.kind) {
    case 'empty':
      return vscode.l10n.t('The file is empty: nothing was recorded into it.');
    case 'notArrow':
      return vscode.l10n.t('This is no Arrow stream, so it is no userfaultfd trace.');
    case 'arrowFile':
      return vscode.l10n.t(
        'This is in Arrow’s file format (Feather); traces are in its stream format. Write it again as a stream.',
      );
    case 'foreign':
      return vscode.l10n.t(
        'This Arrow stream is no userfaultfd trace: its metadata has no uffd.format_version. Its columns are {0}.',
        problem.detail,
      );
    case 'newer':
      return vscode.l10n.t(
        'It was written in format version {0}, by a newer version of this extension: what that added is not shown. Update the extension to see all.',
        problem.version,
      );
    case 'unfinished':
      return vscode.l10n.t(
        'The recording was not ended: it goes on, or was killed. All that it had written is shown.',
      );
    case 'truncated':
      return vscode.l10n.t(
        'The file ends in the middle of a batch, which begins at byte {0}: its recording was killed, or it was cut off. All before that is shown.',
        problem.atByte,
      );
    case 'corrupt':
      return vscode.l10n.t(
        'The file is damaged at byte {0}: {1}. All before that is shown.',
        problem.atByte,
        problem.detail,
      );
    case 'cancelled':
      return vscode.l10n.t('Reading was cancelled: only its beginning is shown. Open it again to read all.');
  }
}

/** A trace file could not be read at all. */
export function traceNotRead(error: unknown): string {
  return vscode.l10n.t('It cannot be read ({0}).', fileErrorText(error));
}

/** Shown above the timeline of an opened trace. */
export function recordingText(startedAt: string, name: string, problem: TraceProblem | null): string {
  const what = vscode.l10n.t('This is a recording of {0}, whose session began at {1}.', name, startedAt);
  return problem === null ? what : `${what} ${traceProblemText(problem)}`;
}

/** What could be read of a trace is compared. */
export function comparedInPart(path: string, problem: TraceProblem): UserMessage {
  return { severity: 'warning', text: `${path}: ${traceProblemText(problem)}`, actions: [] };
}

export function notCompared(path: string, text: string): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t('{0} cannot be compared. {1}', path, text),
    actions: [runCommand(vscode.l10n.t('Choose Others'), TraceCommand.compare)],
  };
}

export function nothingToExport(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('There is no trace to export: attach to a process, or open a recording.'),
    actions: [attach()],
  };
}

export function traceExported(path: string, count: number): UserMessage {
  const uri = vscode.Uri.file(path);
  return {
    severity: 'info',
    text: vscode.l10n.t('Exported {0} events into {1}.', count, path),
    actions: [{ title: vscode.l10n.t('Copy Path'), run: () => vscode.env.clipboard.writeText(uri.fsPath) }],
  };
}

export function exportFailed(path: string, error: unknown): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t(
      'The export failed and left no file: {0} cannot be written ({1}).',
      path,
      fileErrorText(error),
    ),
    actions: [],
  };
}

export function nothingRecorded(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'Nothing has been recorded in this session: the timeline shows a fault as soon as one is read.',
    ),
    actions: [],
  };
}

export function recordingIsOver(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('This is a recording: it can be read, but nothing is live or held in it.'),
    actions: [],
  };
}
