/** Status bar item: sessions, sleeping threads, events per second. A click shows the timeline. */
import * as vscode from 'vscode';
import { Command } from '../contributions.ts';
import type { Disposable } from '../disposableStore.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { isHeld, isResolvedButSleeping } from '../session/faultTrace.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import { sessionName } from '../target/targetName.ts';
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
    this.subscription = registry.onDidChange((session) => {
      if (session === null) {
        this.sessionsChanged();
      }
    });
  }

  dispose(): void {
    clearInterval(this.timer);
    this.subscription.dispose();
    this.item.dispose();
  }

  private sessionsChanged(): void {
    clearInterval(this.timer);
    const { attachedSessions, current } = this.registry;
    if (attachedSessions.length > 0) {
      this.showCounts(attachedSessions);
      this.timer = setInterval(() => this.showCounts(attachedSessions), refreshMs);
    } else if (current?.end?.reason === 'helperFailed') {
      this.showFailure(current, current.end.text);
    } else {
      this.item.hide();
      return;
    }
    this.item.show();
  }

  private showCounts(sessions: readonly DebugSession[]): void {
    const [first] = sessions;
    const counts = sessions.map(countsOf);
    const sum = (key: keyof Counts): number => counts.reduce((total, each) => total + each[key], 0);
    this.item.text = [
      sessions.length === 1 && first !== undefined
        ? `$(pulse) ${withoutIcons(first.dto.comm)} ${first.dto.pid}`
        : vscode.l10n.t('$(pulse) {0} sessions', sessions.length),
      sum('asleep') === 0
        ? vscode.l10n.t('{0} held', sum('held'))
        : vscode.l10n.t('{0} held, {1} asleep', sum('held'), sum('asleep')),
      vscode.l10n.t('{0} events/s', sum('perSecond')),
    ].join(' · ');
    const sentences = sessions.map((session, n) => sentencesOf(session, counts[n]!));
    this.tell([...sentences, vscode.l10n.t('Click to show the timeline.')].join('\n'));
    this.item.backgroundColor = undefined;
  }

  private showFailure(session: DebugSession, text: string): void {
    this.item.text = vscode.l10n.t(
      '$(pulse) {0} {1} · helper ended',
      withoutIcons(session.dto.comm),
      session.dto.pid,
    );
    this.tell(text);
    this.item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  }

  private tell(text: string): void {
    this.item.tooltip = text;
    this.item.accessibilityInformation = { label: text, role: 'button' };
  }
}

interface Counts {
  readonly held: number;
  readonly asleep: number;
  readonly perSecond: number;
}

function countsOf(session: DebugSession): Counts {
  const open = session.trace.openFaults();
  return {
    held: open.filter(isHeld).length,
    asleep: open.filter(isResolvedButSleeping).length,
    perSecond: session.trace.eventsSince(session.nowNs() - refreshMs * 1e6),
  };
}

/** A session in sentences, for the tooltip and for screen readers. */
function sentencesOf({ dto }: DebugSession, { held, asleep, perSecond }: Counts): string {
  return [
    vscode.l10n.t('Attached to {0}.', sessionName(dto)),
    held === 1
      ? vscode.l10n.t('1 fault is held until you resolve it.')
      : vscode.l10n.t('{0} faults are held until you resolve them.', held),
    ...(asleep === 0 ? [] : [asleepSentence(asleep)]),
    perSecond === 1
      ? vscode.l10n.t('1 event came in the last second.')
      : vscode.l10n.t('{0} events came in the last second.', perSecond),
  ].join(' ');
}

function asleepSentence(asleep: number): string {
  return asleep === 1
    ? vscode.l10n.t('1 thread is resolved but asleep until you wake it.')
    : vscode.l10n.t('{0} threads are resolved but asleep until you wake them.', asleep);
}
