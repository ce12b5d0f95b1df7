/** What is wrong with rules of good form: alone, or beside one another. Pure. */
import type { RuleMatch } from './faultRule.ts';
import type { WrittenRule } from './ruleSchema.ts';
import { overlap, parseRangeText, type AddressRange } from './ruleText.ts';

/** A place in the rules, from `rules` on, and what is wrong there as the rest of a sentence. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** What the kernel keeps of a thread's name (TASK_COMM_LEN without its final zero). */
const threadNameBytes = 15;

export function ruleConflicts(rules: readonly WrittenRule[]): RuleProblem[] {
  return rules.flatMap((rule, index) => [
    ...ineffective(rule, index),
    ...overlapsInside(rule, index),
    ...(rule.isEnabled ? conflictsWithEarlier(rules, index) : []),
  ]);
}

/** What could never do anything, or only be refused by the kernel. */
function ineffective({ match: { thread }, action, delayMs }: WrittenRule, index: number): RuleProblem[] {
  if (typeof thread === 'string' && new TextEncoder().encode(thread).length > threadNameBytes) {
    return [
      {
        path: ['rules', index, 'match', 'thread'],
        text: `can never match: the kernel keeps the first ${threadNameBytes} bytes of a thread’s name; write no more of “${thread}”`,
      },
    ];
  }
  if (delayMs > 0 && (action.do === 'hold' || action.do === 'log')) {
    return [
      {
        path: ['rules', index, 'delayMs'],
        text: `has no effect, since ${action.do} waits for nothing; leave it out`,
      },
    ];
  }
  const ioctl = action.do === 'resolve' ? action.action : undefined;
  if (ioctl?.ioctl === 'writeprotect' && ioctl.protect && ioctl.dontWake) {
    return [
      {
        path: ['rules', index, 'action', 'action', 'dontWake'],
        text: 'is refused by the kernel together with protect, which wakes nobody anyway; leave it out',
      },
    ];
  }
  return [];
}

function overlapsInside({ match }: WrittenRule, index: number): RuleProblem[] {
  const texts = match.ranges ?? [];
  const ranges = rangesOf(match);
  return ranges.flatMap((range, i) => {
    const earlier = ranges.findIndex((other, j) => j < i && overlap(range, other));
    return earlier === -1
      ? []
      : [
          {
            path: ['rules', index, 'match', 'ranges', i],
            text: `(${texts[i]}) overlaps ${texts[earlier]} of the same rule; make one range of them`,
          },
        ];
  });
}

/** An earlier rule that leaves nothing for this one, or with which it overlaps. */
function conflictsWithEarlier(rules: readonly WrittenRule[], index: number): RuleProblem[] {
  const rule = rules[index]!;
  for (let i = 0; i < index; i++) {
    const earlier = rules[i]!;
    if (!earlier.isEnabled || earlier.action.do === 'log') {
      continue;
    }
    if (takesAllOf(earlier.match, rule.match)) {
      return [
        {
          path: ['rules', index],
          text: `can never match: ${ruleName(rules, i)} comes first and takes every fault that it is for; put it before that rule`,
        },
      ];
    }
    if (rule.action.do !== 'log' && hasOnlyRanges(rule.match) && hasOnlyRanges(earlier.match)) {
      const ranges = rangesOf(rule.match);
      const others = rangesOf(earlier.match);
      const at = ranges.findIndex((range) => others.some((other) => overlap(range, other)));
      if (at !== -1) {
        const other = others.findIndex((range) => overlap(range, ranges[at]!));
        return [
          {
            path: ['rules', index, 'match', 'ranges', at],
            text: `(${rule.match.ranges![at]}) overlaps ${earlier.match.ranges![other]} of ${ruleName(rules, i)}; let one of them end where the other starts`,
          },
        ];
      }
    }
  }
  return [];
}

/** Whether every fault that `later` matches is one that `earlier` matches. */
function takesAllOf(earlier: RuleMatch, later: RuleMatch): boolean {
  const laterKinds = later.kinds ?? ['missing', 'wp', 'minor'];
  return (
    earlier.hitCondition === undefined &&
    (earlier.thread === undefined || earlier.thread === later.thread) &&
    (earlier.kinds === undefined || laterKinds.every((kind) => earlier.kinds!.includes(kind))) &&
    (earlier.ranges === undefined ||
      (later.ranges !== undefined &&
        rangesOf(later).every((range) =>
          rangesOf(earlier).some(({ start, end }) => start <= range.start && range.end <= end),
        )))
  );
}

function hasOnlyRanges({ ranges, kinds, thread, hitCondition }: RuleMatch): boolean {
  return ranges !== undefined && kinds === undefined && thread === undefined && hitCondition === undefined;
}

function rangesOf({ ranges }: RuleMatch): AddressRange[] {
  return (ranges ?? []).map((text) => parseRangeText(text)!);
}

function ruleName(rules: readonly WrittenRule[], index: number): string {
  const { name } = rules[index]!;
  return name === '' ? `rules[${index}]` : `rules[${index}] (“${name}”)`;
}
