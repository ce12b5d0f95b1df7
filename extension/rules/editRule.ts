/** Changes one thing of a rule: each command asks for it, with what it is now filled in. */
import * as vscode from 'vscode';
import type { FilePath, WrittenRule } from '../../native-helper/rules/ruleSchema.ts';
import { isHitCondition } from '../../native-helper/rules/ruleText.ts';
import { type } from '../commands/steps/ask.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import { askConditionText } from './askCondition.ts';
import { askRuleAction } from './askRuleAction.ts';

/** Longest delay of a rule: a day. */
const mostDelayMs = 86_400_000;

/** What changes of the rule; undefined when the user left the question. */
export type RuleEdit = (rule: WrittenRule) => Promise<Partial<WrittenRule> | undefined>;

export const editCondition: RuleEdit = async (rule) => {
  const condition = await askConditionText(vscode.l10n.t('Condition of the Rule'), rule.match);
  return condition && { match: { ...condition, ...hitOf(rule) } };
};

export const editHitCondition: RuleEdit = async (rule) => {
  const hint = vscode.l10n.t(
    'Of the matching faults: 5 the fifth, > 5, >= 5, < 5, <= 5, % 5 every fifth; empty for all',
  );
  const typed = await type(
    vscode.l10n.t('Hit Count of the Rule'),
    hint,
    rule.match.hitCondition ?? '',
    (text) => (text.trim() === '' || isHitCondition(text) ? { hitCondition: text.trim() } : hint),
  );
  if (typed === undefined) {
    return undefined;
  }
  const { ranges, kinds, thread } = rule.match;
  return {
    match: {
      ...(ranges && { ranges }),
      ...(kinds && { kinds }),
      ...(thread !== undefined && { thread }),
      ...(typed.hitCondition !== '' && typed),
    },
  };
};

export const editDelay: RuleEdit = async (rule) => {
  const hint = vscode.l10n.t('Milliseconds between reading a fault and acting on it: 0 to {0}', mostDelayMs);
  const delayMs = await type(vscode.l10n.t('Delay of the Rule'), hint, String(rule.delayMs), (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    return value >= 0 && value <= mostDelayMs ? value : hint;
  });
  return delayMs === undefined ? undefined : { delayMs };
};

export const renameRule: RuleEdit = async (rule) => {
  const named = await type(
    vscode.l10n.t('Name of the Rule'),
    vscode.l10n.t('A name for people; empty to show what the rule does'),
    rule.name,
    (name) => ({ name: name.trim() }),
  );
  return named;
};

/** @param chooseFile shows the dialog for a file of page contents */
export function editAction(
  registry: SessionRegistry,
  chooseFile: () => Promise<FilePath | undefined>,
): RuleEdit {
  return async () => {
    const base = registry.current?.ranges[0]?.start ?? '';
    const action = await askRuleAction(vscode.l10n.t('Action of the Rule'), base, chooseFile);
    return action && { action };
  };
}

function hitOf({ match }: WrittenRule): Pick<WrittenRule['match'], 'hitCondition'> {
  return match.hitCondition === undefined ? {} : { hitCondition: match.hitCondition };
}
