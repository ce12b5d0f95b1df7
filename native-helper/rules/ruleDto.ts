/** A rule as people write it → a rule as it crosses the wire. Pure. */
import type { RuleDto } from '../protocol/rules.ts';
import type { FilePath, WrittenRule } from './ruleSchema.ts';

/** @param fileIdOf the number that the client gave to a file */
export function toRuleDto(rule: WrittenRule, fileIdOf: (file: FilePath) => number): RuleDto {
  if (rule.action.do !== 'resolve') {
    return { ...rule, action: rule.action };
  }
  const { action } = rule.action;
  if (action.ioctl !== 'copy') {
    return { ...rule, action: { ...rule.action, action } };
  }
  const { source } = action;
  const sourceDto =
    source.kind === 'file' || source.kind === 'image'
      ? { ...source, file: { fileId: fileIdOf(source.file) } }
      : source;
  return { ...rule, action: { ...rule.action, action: { ...action, source: sourceDto } } };
}
