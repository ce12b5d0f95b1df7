/** Status bar item while something is recorded. A click stops it. */
import * as vscode from 'vscode';
import { ContextKey, TraceCommand } from '../contributions.ts';
import type { Disposable } from '../disposableStore.ts';
import { withoutIcons } from '../target/withoutIcons.ts';
import type { Recordings } from './recordings.ts';

const refreshMs = 1000;

export class RecordingItem implements Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly recordings: Recordings;
  private readonly subscription: Disposable;
  private timer: NodeJS.Timeout | undefined;

  constructor(recordings: Recordings) {
    this.recordings = recordings;
    this.item = vscode.window.createStatusBarItem('uffd.recording', vscode.StatusBarAlignment.Left);
    this.item.name = vscode.l10n.t('Userfaultfd Recording');
    this.item.command = TraceCommand.stopRecording;
    this.subscription = recordings.onDidChange(() => this.update());
    this.update();
  }

  dispose(): void {
    clearInterval(this.timer);
    this.subscription.dispose();
    this.item.dispose();
  }

  private update(): void {
    const { sessions } = this.recordings;
    void vscode.commands.executeCommand('setContext', ContextKey.recordingCount, sessions.length);
    clearInterval(this.timer);
    if (sessions.length === 0) {
      this.item.hide();
      return;
    }
    this.show();
    this.timer = setInterval(() => this.show(), refreshMs);
    this.item.show();
  }

  private show(): void {
    const { sessions, writtenRows } = this.recordings;
    const files = sessions.map((session) => this.recordings.fileOf(session)).join(', ');
    this.item.text = vscode.l10n.t('$(record) {0} rows', writtenRows);
    const text = vscode.l10n.t(
      'Recording into {0}: {1} rows so far. Click to stop.',
      withoutIcons(files),
      writtenRows,
    );
    this.item.tooltip = text;
    this.item.accessibilityInformation = { label: text, role: 'button' };
  }
}
