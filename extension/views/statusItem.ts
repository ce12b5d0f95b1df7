/** Status bar item: session, sleeping threads, events per second. A click shows the timeline. */
import * as vscode from 'vscode';
import { Command } from '../contributions.ts';
import type { Disposable } from '../disposableStore.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { isHeld, isResolvedButSleeping } from '../session/faultTrace.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import { targetName } from '../target/targetName.ts';
import { withoutIcons } from '../target/withoutIcons.ts';

const refreshMs = 1000;

export class StatusItem implements Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly registry: SessionRegistry;
  private readonly subscription: Disposable;
  private timer: NodeJS.Timeout | undefined;

  constructor(registry: SessionRegistry) {
    this.registry = registry;
    this.item = vscode.window.createStatusBarItem('uffd.status', vscode.StatusBarAlignment.Left);
    this.item.name = 'Userfaultfd';
    this.item.command = Command.showTimeline;
    let shown: string | null = null;
    this.subscription = registry.onDidChange((session) => {
      const state = `${session?.id ?? 0} ${registry.state}`;
      if (state !== shown) {
        shown = state;
        this.sessionChanged();
      }
    });
  }

  dispose(): void {
    clearInterval(this.timer);
    this.subscription.dispose();
    this.item.dispose();
  }

  private sessionChanged(): void {
    clearInterval(this.timer);
    const session = this.registry.current;
    if (session === null || (session.end !== null && session.end.reason !== 'helperFailed')) {
      this.item.hide();
      return;
    }
    if (session.end !== null) {
      this.showFailure(session, session.end.text);
    } else {
      this.showCounts(session);
      this.timer = setInterval(() => this.showCounts(session), refreshMs);
    }
    this.item.show();
  }

  private showCounts(session: DebugSession): void {
    const open = session.trace.openFaults();
    const held = open.filter(isHeld).length;
    const asleep = open.filter(isResolvedButSleeping).length;
    const perSecond = session.trace.eventsSince(session.nowNs() - refreshMs * 1e6);
    this.item.text = vscode.l10n.t(
      '$(pulse) {0} {1} · {2} · {3} events/s',
      withoutIcons(session.dto.comm),
      session.dto.pid,
      asleep === 0 ? vscode.l10n.t('{0} held', held) : vscode.l10n.t('{0} held, {1} asleep', held, asleep),
      perSecond,
    );
    this.item.tooltip = [
      vscode.l10n.t('Attached to {0}, descriptor {1}.', targetName(session.dto), session.dto.uffd.fd),
      held === 1
        ? vscode.l10n.t('1 fault is held until you resolve it.')
        : vscode.l10n.t('{0} faults are held until you resolve them.', held),
      ...(asleep === 0 ? [] : [asleepSentence(asleep)]),
      perSecond === 1
        ? vscode.l10n.t('1 event came in the last second.')
        : vscode.l10n.t('{0} events came in the last second.', perSecond),
      vscode.l10n.t('Click to show the timeline.'),
    ].join(' ');
    this.item.accessibilityInformation = { label: this.item.tooltip, role: 'button' };
    this.item.backgroundColor = undefined;
  }

  private showFailure(session: DebugSession, text: string): void {
    this.item.text = vscode.l10n.t(
      '$(pulse) {0} {1} · helper ended',
      withoutIcons(session.dto.comm),
      session.dto.pid,
    );
    this.item.tooltip = text;
    this.item.accessibilityInformation = { label: text, role: 'button' };
    this.item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  }
}

function asleepSentence(asleep: number): string {
  return asleep === 1
    ? vscode.l10n.t('1 thread is resolved but asleep until you wake it.')
    : vscode.l10n.t('{0} threads are resolved but asleep until you wake them.', asleep);
}
