/** Compare Traces…: two open recordings, or files, side by side in numbers. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { rowCount, unpackRows } from '../../native-helper/log/packedRows.ts';
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import { pick } from '../commands/steps/ask.ts';
import { comparedInPart, notCompared, traceNotRead, traceProblemText } from '../messages/traceMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import { targetName } from '../target/targetName.ts';
import { comparisonHtml, type Compared } from './comparisonHtml.ts';
import { UnreadableTrace } from './format/traceProblem.ts';
import type { TraceHeader } from './format/traceHeader.ts';
import type { ReadControl } from './openedTrace.ts';
import type { TraceEditor, TraceTab } from './traceEditor.ts';
import { localTime } from './localTime.ts';
import { withTraceFile } from './traceFile.ts';
import { batchesOf } from './traceRows.ts';
import { TraceStatistics, workingSets } from './traceStatistics.ts';

interface ComparedTrace extends Compared {
  readonly ranges: readonly RangeDto[];
  readonly statistics: TraceStatistics;
}

export async function compareTraces(editor: TraceEditor): Promise<void> {
  const first = await askTrace(editor, vscode.l10n.t('Choose the first trace (A)'), null);
  const second = first && (await askTrace(editor, vscode.l10n.t('Choose the second trace (B)'), first));
  if (first === undefined || second === undefined) {
    return;
  }
  const compared = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Comparing traces'),
      cancellable: true,
    },
    async (progress, token) => {
      const read: ComparedTrace[] = [];
      for (const uri of [first, second]) {
        const message = path.basename(uri.fsPath);
        let shown = 0;
        const trace = await readTrace(editor, uri, {
          // Each of the two is half of it.
          onProgress: (share) => {
            progress.report({ message, increment: 50 * (share - shown) });
            shown = share;
          },
          isCancelled: () => token.isCancellationRequested,
        });
        if (trace === null) {
          return null;
        }
        read.push(trace);
      }
      return read;
    },
  );
  const [a, b] = compared ?? [];
  if (a !== undefined && b !== undefined) {
    const sets = workingSets(
      { pages: a.statistics.pages, ranges: a.ranges },
      { pages: b.statistics.pages, ranges: b.ranges },
    );
    const panel = vscode.window.createWebviewPanel(
      'uffd.traceComparison',
      vscode.l10n.t('Compare Traces'),
      vscode.ViewColumn.Active,
    );
    panel.webview.html = comparisonHtml(a, b, sets, randomBytes(24).toString('base64url'));
  }
}

/** One of the open traces, or a file. Undefined when the question was left. */
async function askTrace(
  editor: TraceEditor,
  question: string,
  other: vscode.Uri | null,
): Promise<vscode.Uri | undefined> {
  const open = editor.opened.filter(({ document }) => document.uri.toString() !== other?.toString());
  const chosen = await pick(vscode.l10n.t('Compare Traces'), question, [
    ...open.map(({ document: { uri }, session }) => ({
      label: path.basename(uri.fsPath),
      description: targetName(session.dto),
      uri,
    })),
    { label: vscode.l10n.t('Choose a File…'), description: '', uri: null },
  ]);
  if (chosen?.uri !== null) {
    return chosen?.uri;
  }
  const files = await vscode.window.showOpenDialog({
    title: question,
    filters: { [vscode.l10n.t('Userfaultfd Trace')]: ['arrows'] },
  });
  return files?.[0];
}

/** Null when it was cancelled or could not be read, which has been told. */
async function readTrace(
  editor: TraceEditor,
  uri: vscode.Uri,
  control: ReadControl,
): Promise<ComparedTrace | null> {
  const tab = editor.opened.find(({ document }) => document.uri.toString() === uri.toString());
  return tab === undefined ? readFile(uri.fsPath, control) : readTab(tab, control);
}

async function readTab({ document, session }: TraceTab, control: ReadControl): Promise<ComparedTrace | null> {
  await document.readRows(session);
  const statistics = new TraceStatistics();
  let rows = 0;
  for (const batch of batchesOf(session.trace)) {
    if (control.isCancelled()) {
      return null;
    }
    statistics.add(unpackRows(batch));
    rows += rowCount(batch);
    control.onProgress(rows / session.trace.keptRows);
    await setImmediate();
  }
  return compared(document.uri.fsPath, session.header, session.ranges, statistics);
}

async function readFile(file: string, control: ReadControl): Promise<ComparedTrace | null> {
  try {
    const { readHeader, readRows } = await import(
      /* webpackChunkName: "traceReader" */ './format/traceReader.ts'
    );
    return await withTraceFile(file, async (source) => {
      const header = await readHeader(source);
      const statistics = new TraceStatistics();
      let { ranges } = header.session;
      const problem = await readRows(
        source,
        header,
        {
          onRows: (rows, update) => {
            statistics.add(rows);
            ranges = update.ranges ?? ranges;
          },
          onProgress: (doneBytes) => control.onProgress(doneBytes / source.sizeBytes),
        },
        () => control.isCancelled(),
      );
      if (problem?.kind === 'cancelled') {
        return null;
      }
      if (problem !== null) {
        showMessage(comparedInPart(file, problem));
      }
      return compared(file, header, ranges, statistics);
    });
  } catch (error) {
    const text = error instanceof UnreadableTrace ? traceProblemText(error.problem) : traceNotRead(error);
    showMessage(notCompared(file, text));
    return null;
  }
}

function compared(
  file: string,
  { session, startedAt }: TraceHeader,
  ranges: readonly RangeDto[],
  statistics: TraceStatistics,
): ComparedTrace {
  return {
    ranges,
    statistics,
    name: `${path.basename(file)}: ${targetName(session)}, ${localTime(startedAt)}`,
  };
}
