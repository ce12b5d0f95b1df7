/** Everything that is wrong with rules, in sentences. Pure. */
import * as v from 'valibot';
import { ruleConflicts, type RuleProblem } from './ruleConflicts.ts';
import { rulesFile, type WrittenRule } from './ruleSchema.ts';

/** `value` as rules, or what is wrong with its form. Conflicts between rules are not looked at. */
export function checkForm(
  value: unknown,
): { readonly rules: WrittenRule[] } | { readonly problems: RuleProblem[] } {
  const result = v.safeParse(rulesFile, value);
  return result.success ? result.output : { problems: result.issues.map(problemOf) };
}

function problemOf(issue: v.BaseIssue<unknown>): RuleProblem {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  // An unknown or missing key has no value worth showing.
  const isAboutKey = issue.type === 'strict_object' && issue.expected !== 'Object';
  const found = isAboutKey || issue.input === undefined ? '' : `, not ${shortJson(issue.input)}`;
  return { path, text: `${issue.message}${found}` };
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

/** A problem of rules that have no lines. */
export interface RuleListProblem {
  /** Index of the rule. */
  readonly rule: number;
  /** Where in the rules, such as `rules[0].match.hitCondition`. */
  readonly key: string;
  /** One sentence, which names the key. */
  readonly text: string;
}

/** What is wrong with rules that were edited in a view; empty when nothing is. */
export function checkRules(rules: readonly WrittenRule[]): RuleListProblem[] {
  const form = checkForm({ rules });
  const problems = 'problems' in form ? form.problems : ruleConflicts(form.rules);
  return problems.map((problem) => ({
    rule: Number(problem.path[1]),
    key: keyOf(problem.path),
    text: sentence(problem),
  }));
}

/** `rules[0].match.kinds`. */
export function keyOf(path: readonly (string | number)[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`))
    .join('');
}

export function sentence({ path, text }: RuleProblem): string {
  return `${path.length === 0 ? 'The file' : keyOf(path)} ${text}.`;
}
