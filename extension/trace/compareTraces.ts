/** Compare Traces…: two open recordings, or files, side by side in numbers. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { unpackRows } from '../../native-helper/log/packedRows.ts';
import { pick } from '../commands/steps/ask.ts';
import { targetName } from '../target/targetName.ts';
import * as userErrors from '../userErrors.ts';
import { comparisonHtml, type Compared } from './comparisonHtml.ts';
import { UnreadableTrace } from './format/traceProblem.ts';
import { OpenedTrace, type RecordedSession } from './recordedSession.ts';
import type { TraceEditor } from './traceEditor.ts';
import { batchesOf } from './traceRows.ts';
import { TraceStatistics, workingSets } from './traceStatistics.ts';

interface ComparedTrace extends Compared {
  readonly session: RecordedSession;
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
        progress.report({ message: path.basename(uri.fsPath) });
        const trace = await readTrace(editor, uri, token);
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
      { pages: a.statistics.pages, ranges: a.session.ranges },
      { pages: b.statistics.pages, ranges: b.session.ranges },
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
  const open = editor.opened.filter(({ uri }) => uri.toString() !== other?.toString());
  const chosen = await pick(vscode.l10n.t('Compare Traces'), question, [
    ...open.map(({ uri, session }) => ({
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
  token: vscode.CancellationToken,
): Promise<ComparedTrace | null> {
  const session =
    editor.opened.find((tab) => tab.uri.toString() === uri.toString())?.session ??
    (await readFile(uri.fsPath, token));
  if (session === null) {
    return null;
  }
  const statistics = new TraceStatistics();
  for (const batch of batchesOf(session.trace)) {
    if (token.isCancellationRequested) {
      return null;
    }
    statistics.add(unpackRows(batch));
    await setImmediate();
  }
  return {
    session,
    statistics,
    name: `${path.basename(uri.fsPath)}: ${targetName(session.dto)}, ${session.header.startedAt}`,
  };
}

async function readFile(file: string, token: vscode.CancellationToken): Promise<RecordedSession | null> {
  const trace = new OpenedTrace(() => '');
  try {
    const problem = await trace.read(file, {
      onProgress: () => undefined,
      isCancelled: () => token.isCancellationRequested,
    });
    if (token.isCancellationRequested) {
      return null;
    }
    if (problem !== null) {
      userErrors.showMessage(userErrors.comparedInPart(file, problem));
    }
    return trace.current;
  } catch (error) {
    const text =
      error instanceof UnreadableTrace
        ? userErrors.traceProblemText(error.problem)
        : userErrors.traceNotRead(error);
    userErrors.showMessage(userErrors.notCompared(file, text));
    return null;
  } finally {
    trace.dispose();
  }
}
