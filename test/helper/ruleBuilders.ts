/** Rules for tests, in few words. */
import type { RuleDto, ServingActionDto } from '../../native-helper/protocol/rules.ts';
import type { RuleMatch } from '../../native-helper/rules/faultRule.ts';
import { copyAction } from './memoryTarget.ts';

type Action = RuleDto['action'];

export function rule(action: Action, match: RuleMatch = {}, delayMs = 0): RuleDto {
  return { name: '', isEnabled: true, match, action, delayMs };
}

export function resolving(action: ServingActionDto, lengthPages = 1, around = false): Action {
  return { do: 'resolve', action, lengthPages, around };
}

/** COPY of pages of one byte. */
export function filling(byte: number): Action {
  return resolving({ ...copyAction, source: { kind: 'fill', byte } });
}
