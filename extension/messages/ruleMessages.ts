/** What is said of rules and files of rules. */
import * as vscode from 'vscode';
import type { RulesFileProblem } from '../../native-helper/rules/parseRules.ts';
import { RuleCommand } from '../contributions.ts';
import { runCommand, showTimeline } from './messageActions.ts';
import type { UserMessage } from './userMessage.ts';

/** A rule could not do its action; said once for each rule. */
export function ruleFailed(index: number, name: string, target: string, text: string): UserMessage {
  return {
    severity: 'warning',
    text: vscode.l10n.t(
      '{0} of {1} could not act, and the fault is held: {2}',
      name === '' ? vscode.l10n.t('Rule {0}', index + 1) : vscode.l10n.t('Rule {0} “{1}”', index + 1, name),
      target,
      text,
    ),
    actions: [showTimeline()],
  };
}

export function noRules(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('There is no fault rule yet: every fault is held until you resolve it.'),
    actions: [runCommand(vscode.l10n.t('Add Rule…'), RuleCommand.add)],
  };
}

/** A rule's file cannot be used; the sentence says which and why. */
export function ruleFileRefused(text: string): UserMessage {
  return {
    severity: 'warning',
    text: vscode.l10n.t('A rule is switched off: {0}', text),
    actions: [runCommand(vscode.l10n.t('Edit Action of Rule…'), RuleCommand.editAction)],
  };
}

/** @param open shows the file at a line, from 1 */
export function rulesFileRefused(
  path: string,
  problems: readonly RulesFileProblem[],
  open: (line: number) => void,
): UserMessage {
  const [first] = problems;
  return {
    severity: 'error',
    text:
      problems.length === 1
        ? vscode.l10n.t('{0} was not imported. {1}', path, first?.text ?? '')
        : vscode.l10n.t(
            '{0} was not imported: {1} problems. The first: {2}',
            path,
            problems.length,
            first?.text ?? '',
          ),
    actions: [{ title: vscode.l10n.t('Open File'), run: () => open(first?.line ?? 1) }],
  };
}

export function rulesImported(path: string, count: number): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('The fault rules are now those of {0}: {1}.', path, count),
    actions: [],
  };
}
