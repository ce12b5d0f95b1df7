/** What is said of sessions: why a command cannot act on one, and what became of it. */
import * as vscode from 'vscode';
import type { CtxDto } from '../../native-helper/protocol/inspect.ts';
import { Command } from '../contributions.ts';
import {
  attach,
  inspect,
  retryWith,
  showTimeline,
  startDemo,
  switchSession,
  wake,
} from './messageActions.ts';
import type { UserMessage } from './userMessage.ts';

export function notAttached(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('No process is attached. Attach to a process that uses userfaultfd first.'),
    actions: [attach(), startDemo()],
  };
}

export function noHeldFaults(resolvedButSleeping: number): UserMessage {
  return resolvedButSleeping === 0
    ? {
        severity: 'info',
        text: vscode.l10n.t('No fault is held right now: there is nothing to resolve until a thread faults.'),
        actions: [showTimeline()],
      }
    : {
        severity: 'info',
        text: vscode.l10n.t(
          'No fault is held: {0} resolved with DONTWAKE still sleep. Wake them to let their threads go on.',
          resolvedButSleeping,
        ),
        actions: [wake()],
      };
}

/** Answer to a timeline page that still shows a session that is closed. */
export function closedSessionText(): string {
  return vscode.l10n.t('This session is closed: nothing of it can be acted on any more.');
}

/** Answer to a timeline page that asks for something of a session that is over. */
export function endedSessionText(): string {
  return vscode.l10n.t('The session has ended: nothing of it is held any more.');
}

export function sessionIsOver(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'The session has ended: its trace can be read, but nothing is live or held any more. Attach again to go on.',
    ),
    actions: [attach()],
  };
}

export function timelineNotOpen(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('The timeline is not open. Show it first.'),
    actions: [showTimeline()],
  };
}

/** The session shown is over, but others go on. */
export function shownSessionIsOver(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('The session shown has ended, and others are attached. Show one of them first.'),
    actions: [switchSession()],
  };
}

export function noEndedSession(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('No session has ended: there is no trace to close.'),
    actions: [],
  };
}

/** The target asked for fork events, and reading one takes a descriptor out of its hands. */
export function forkEventsAreTaken(name: string): UserMessage {
  return {
    severity: 'warning',
    text: vscode.l10n.t(
      '{0} uses fork events: reading one takes the child’s userfaultfd into this debugger, as a session of its own. It cannot be handed back: when that session ends it is closed, which releases the child’s threads, and missing pages then read as zeros.',
      name,
    ),
    actions: [],
  };
}

/** A child's session has begun; its uffd is in nobody's hands but ours. */
export function childTaken(parent: string | null, child: string, show: () => unknown): UserMessage {
  const sentence =
    parent === null
      ? vscode.l10n.t('A target forked, and {0} is now a session of its own.', child)
      : vscode.l10n.t('{0} forked, and {1} is now a session of its own.', parent, child);
  const custody = vscode.l10n.t(
    'Its userfaultfd is only in this debugger and cannot be handed back: when the session ends it is closed, which releases the child’s threads, and missing pages then read as zeros.',
  );
  return {
    severity: 'warning',
    text: `${sentence} ${custody}`,
    actions: [{ title: vscode.l10n.t('Show Session'), run: show }],
  };
}

/** @param text the helper's sentences */
export function becameLastHolder(text: string, show: () => unknown): UserMessage {
  return { severity: 'warning', text, actions: [{ title: vscode.l10n.t('Show Session'), run: show }] };
}

/** @param pid of the program in the debugger; another process may be the one that holds its userfaultfd */
export function debuggedHasUffd(
  pid: number,
  ctxs: readonly CtxDto[],
  stopOffers: () => unknown,
): UserMessage {
  const held = ctxs.filter((ctx) => ctx.pid === pid);
  const [first, ...others] = held.length === 0 ? ctxs : held;
  const { comm, pid: holder, uffd } = first!;
  // Which of several is meant, Attach to Process asks.
  const target = others.length === 0 ? { pid: holder, fd: uffd.fd } : { pid: holder };
  return {
    severity: 'info',
    text:
      held.length === 0
        ? vscode.l10n.t(
            'Memory of the program you debug ({0}) is served through a userfaultfd of {1} ({2}).',
            pid,
            comm,
            holder,
          )
        : vscode.l10n.t('{0} ({1}) has a userfaultfd.', comm, pid),
    actions: [
      inspect(),
      {
        title: vscode.l10n.t('Attach'),
        run: () => vscode.commands.executeCommand(Command.attachToProcess, target),
      },
      { title: vscode.l10n.t('Don’t Offer Again'), run: stopOffers },
    ],
  };
}

/** @param refusal the helper's sentence */
export function handlerIsLive(
  refusal: string,
  freezeAndAttach: () => unknown,
  retry: () => unknown,
): UserMessage {
  const freezing = vscode.l10n.t(
    'Freezing stops only the handler’s threads, inside their wait; when the session ends they go on and serve what they missed.',
  );
  return {
    severity: 'warning',
    text: `${refusal} ${freezing}`,
    actions: [{ title: vscode.l10n.t('Freeze Handler and Attach'), run: freezeAndAttach }, retryWith(retry)],
  };
}

/** @param notes what the handler noticed of having been frozen, a sentence each */
export function detached(name: string, handedBack: number, notes: readonly string[]): UserMessage {
  const done =
    handedBack === 0
      ? vscode.l10n.t('Detached from {0}. No thread was asleep because of us.', name)
      : vscode.l10n.t(
          'Detached from {0}. Faults handed back: {1}. Their threads fault again for their own handler.',
          name,
          handedBack,
        );
  return { severity: 'info', text: [done, ...notes].join(' '), actions: [] };
}

/** The last descriptor was closed: there was nobody to hand back to. */
export function lastClosed(name: string): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'The userfaultfd of {0} is closed and its threads are released. Missing pages now read as zeros.',
      name,
    ),
    actions: [],
  };
}

export function sessionEnded(text: string): UserMessage {
  return { severity: 'warning', text, actions: [showTimeline(), attach()] };
}
