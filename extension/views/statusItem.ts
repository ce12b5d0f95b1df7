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
    this.subscription = registry.onDidChange(() => {
      const states = registry.sessions.map(({ id, end }) => `${id} ${end === null ? 'attached' : 'ended'}`);
      const state = [registry.current?.id, ...states].join(', ');
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
    if (session?.end?.reason === 'helperFailed') {
      this.showFailure(session, session.end.text);
    } else if (session !== null && this.registry.sessions.some(({ end }) => end === null)) {
      this.showCounts(session);
      this.timer = setInterval(() => this.showCounts(session), refreshMs);
    } else {
      this.item.hide();
      return;
    }
    this.item.show();
  }

  private showCounts(session: DebugSession): void {
    const others = this.registry.sessions.filter(
      (other) => other !== session && other.trace.openFaults().some(isHeld),
    ).length;
    const shown = session.end === null ? liveCounts(session) : endedCounts(session);
    this.item.text = [
      `$(pulse) ${withoutIcons(session.dto.comm)} ${session.dto.pid}`,
      ...shown.facts,
      ...(others === 0 ? [] : [vscode.l10n.t('{0} more with faults', others)]),
    ].join(' · ');
    this.item.tooltip = [
      ...shown.sentences,
      ...(others === 0 ? [] : [othersSentence(others)]),
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

/** What is said of a session: facts for the item, sentences for its tooltip. */
interface Counts {
  readonly facts: readonly string[];
  readonly sentences: readonly string[];
}

function liveCounts(session: DebugSession): Counts {
  const open = session.trace.openFaults();
  const held = open.filter(isHeld).length;
  const asleep = open.filter(isResolvedButSleeping).length;
  const perSecond = session.trace.eventsSince(session.nowNs() - refreshMs * 1e6);
  return {
    facts: [
      asleep === 0 ? vscode.l10n.t('{0} held', held) : vscode.l10n.t('{0} held, {1} asleep', held, asleep),
      vscode.l10n.t('{0} events/s', perSecond),
    ],
    sentences: [
      vscode.l10n.t('Attached to {0}, descriptor {1}.', targetName(session.dto), session.dto.uffd.fd),
      held === 1
        ? vscode.l10n.t('1 fault is held until you resolve it.')
        : vscode.l10n.t('{0} faults are held until you resolve them.', held),
      ...(asleep === 0 ? [] : [asleepSentence(asleep)]),
      perSecond === 1
        ? vscode.l10n.t('1 event came in the last second.')
        : vscode.l10n.t('{0} events came in the last second.', perSecond),
    ],
  };
}

function endedCounts({ dto }: DebugSession): Counts {
  return {
    facts: [vscode.l10n.t('ended')],
    sentences: [vscode.l10n.t('The session of {0} has ended.', targetName(dto))],
  };
}

function asleepSentence(asleep: number): string {
  return asleep === 1
    ? vscode.l10n.t('1 thread is resolved but asleep until you wake it.')
    : vscode.l10n.t('{0} threads are resolved but asleep until you wake them.', asleep);
}

function othersSentence(others: number): string {
  return others === 1
    ? vscode.l10n.t('1 other session holds faults.')
    : vscode.l10n.t('{0} other sessions hold faults.', others);
}
