/** What is said of inspected handlers and what was found about them. */
import * as vscode from 'vscode';
import type { FindingDto } from '../../native-helper/protocol/inspect.ts';
import { DoctorCommand } from '../contributions.ts';
import { inspect, runCommand, startDemo } from './messageActions.ts';
import type { UserMessage } from './userMessage.ts';

export function nothingStuck(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('No userfaultfd that can be seen is stuck.'),
    actions: [inspect()],
  };
}

export function nothingAsleep(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('No thread that can be seen sleeps in a fault: there is nobody to wake.'),
    actions: [inspect()],
  };
}

export function noUffdSeen(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'No process with a userfaultfd can be seen. Those of other users can only be seen with their rights: run VS Code as that user or as root.',
    ),
    actions: [startDemo()],
  };
}

/** The whole of a finding, whose row is too narrow for it. */
export function findingExplained(
  name: string,
  { isStuck, text, advice, offersWake }: FindingDto,
  acts: { readonly wake: () => unknown; readonly attach: () => unknown; readonly copy: () => unknown },
): UserMessage {
  return {
    severity: isStuck ? 'warning' : 'info',
    text: `${name}: ${text} ${advice}`,
    actions: [
      ...(offersWake ? [{ title: vscode.l10n.t('Wake…'), run: acts.wake }] : []),
      { title: vscode.l10n.t('Attach…'), run: acts.attach },
      { title: vscode.l10n.t('Copy'), run: acts.copy },
    ],
  };
}

export function sourceNotHere(path: string, line: number): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'The program was built from {0}, line {1}, but that file is not on this machine.',
      path,
      line,
    ),
    actions: [],
  };
}

export function noRemedy(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'There is no command to copy: run the Attach Doctor on a process first, or see on its page that nothing refuses that a command could open.',
    ),
    actions: [runCommand(vscode.l10n.t('Attach Doctor…'), DoctorCommand.check)],
  };
}

export function noSourceLine(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'No thread sleeps at a line of source that is known: its program needs debug information, and addr2line of binutils must be installed.',
    ),
    actions: [inspect()],
  };
}

export function sleepersWoken(name: string, count: number): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'Woke the threads of {0}: {1}. Those whose page is not there have faulted again, for whoever reads next.',
      name,
      count,
    ),
    actions: [],
  };
}

export function threadsStranded({ text, advice }: FindingDto, wake: () => unknown): UserMessage {
  return {
    severity: 'warning',
    text: `${text} ${advice}`,
    actions: [{ title: vscode.l10n.t('Wake'), run: wake }, inspect()],
  };
}
