/**
 * A rule's condition as one line of text, as people write it:
 * `missing wp thread=vcpu0 0x7f0000000000-0x7f0000100000`. Pure: no VS Code.
 */
import type { FaultKind, RuleMatch } from '../../native-helper/rules/faultRule.ts';
import { isRangeText } from '../../native-helper/rules/ruleText.ts';

/** What of a rule's match the condition says; its hit condition is edited apart. */
export type Condition = Omit<RuleMatch, 'hitCondition'>;

const kinds: readonly FaultKind[] = ['missing', 'wp', 'minor'];
/** Blanks separate words, but not inside `thread="a b"`. */
const words = /thread="[^"]*"|\S+/g;

/** The condition as text; empty when it matches every fault. */
export function formatCondition({ kinds: of, thread, ranges }: Condition): string {
  return [
    ...(of ?? []),
    ...(thread === undefined ? [] : [`thread=${formatThread(thread)}`]),
    ...(ranges ?? []),
  ].join(' ');
}

/** Text as a condition, or a sentence that says which word is wrong and what to write instead. */
export function parseCondition(text: string): Condition | { readonly problem: string } {
  const found: { kinds: FaultKind[]; ranges: string[]; thread?: number | string } = { kinds: [], ranges: [] };
  for (const word of text.match(words) ?? []) {
    const kind = kinds.find((name) => name === word.toLowerCase());
    if (kind !== undefined) {
      found.kinds.push(kind);
    } else if (word.startsWith('thread=')) {
      const thread = parseThread(word.slice('thread='.length));
      if (thread === undefined) {
        return { problem: `“${word}” names no thread: write thread=1234 or thread=NAME.` };
      }
      if (found.thread !== undefined) {
        return { problem: `“${word}” is a second thread: a rule is for one thread, or for all.` };
      }
      found.thread = thread;
    } else if (isRangeText(word)) {
      found.ranges.push(word);
    } else {
      return {
        problem: `“${word}” is no condition: write missing, wp or minor, thread=NAME, or a range such as 0x7f0000000000-0x7f0000100000.`,
      };
    }
  }
  return {
    ...(found.kinds.length === 0 ? {} : { kinds: [...new Set(found.kinds)] }),
    ...(found.thread === undefined ? {} : { thread: found.thread }),
    ...(found.ranges.length === 0 ? {} : { ranges: found.ranges }),
  };
}

function formatThread(thread: number | string): string {
  // Quoted when it would read as a thread id, or end at a blank.
  return typeof thread === 'string' && (/\s/.test(thread) || /^\d+$/.test(thread))
    ? `"${thread}"`
    : String(thread);
}

function parseThread(text: string): number | string | undefined {
  const quoted = /^"(.+)"$/.exec(text)?.[1];
  if (quoted !== undefined) {
    return quoted;
  }
  if (/^\d+$/.test(text)) {
    const tid = Number(text);
    return tid >= 1 && tid <= 0x7fffffff ? tid : undefined;
  }
  return text === '' || text.includes('"') ? undefined : text;
}
