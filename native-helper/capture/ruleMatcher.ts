/** Which rule a fault meets. Pure: knows rules and faults, and does nothing about them. */
import { PAGEFAULT_FLAG_MINOR, PAGEFAULT_FLAG_WP, PAGEFAULT_FLAG_WRITE } from '../abi/uffdAbi.ts';
import type { RuleDto } from '../protocol/rules.ts';
import {
  meetsHitCondition,
  parseHitCondition,
  parseRangeText,
  type HitCondition,
} from '../rules/ruleText.ts';

const kindBits = { missing: 1, wp: 2, minor: 4 } as const;

/** A rule's match, ready to be asked for each fault. */
interface CompiledMatch {
  /** Whether every fault meets it. */
  readonly isAlways: boolean;
  /** Starts and ends by turns; undefined for all addresses. Numbers: exact for pages. */
  readonly bounds: Float64Array | undefined;
  readonly kinds: number;
  readonly tid: number | undefined;
  readonly comm: string | undefined;
  readonly hitCondition: HitCondition | undefined;
}

export class RuleMatcher {
  /** How often each rule was met, whether or not its hit condition let it act. */
  readonly hits: number[];
  /** Whether a rule asks for the thread. */
  readonly needsThread: boolean;
  /** By rule; undefined where it is disabled. */
  private readonly matches: readonly (CompiledMatch | undefined)[];
  private readonly threadNames: { isNamed(tid: number, comm: string): boolean };

  constructor(rules: readonly RuleDto[], threadNames: { isNamed(tid: number, comm: string): boolean }) {
    this.hits = rules.map(() => 0);
    this.matches = rules.map((rule) => (rule.isEnabled ? compiled(rule) : undefined));
    this.needsThread = rules.some(({ isEnabled, match }) => isEnabled && match.thread !== undefined);
    this.threadNames = threadNames;
  }

  /**
   * Counts the hit and returns the first rule from `from` on that acts on this fault; -1 when none does.
   * @param flags UFFD_PAGEFAULT_FLAG_*, low word
   * @param tid 0 when the thread is not known: no rule for a thread is met then
   */
  next(from: number, address: number, flags: number, tid: number): number {
    const { matches, hits } = this;
    for (let i = from; i < matches.length; i++) {
      const match = matches[i];
      if (match === undefined || !(match.isAlways || this.meets(match, address, flags, tid))) {
        continue;
      }
      const hit = ++hits[i]!;
      if (match.hitCondition === undefined || meetsHitCondition(match.hitCondition, hit)) {
        return i;
      }
    }
    return -1;
  }

  private meets(match: CompiledMatch, address: number, flags: number, tid: number): boolean {
    return (
      (match.kinds & kindBit(flags)) !== 0 &&
      (match.bounds === undefined || isInside(match.bounds, address)) &&
      (match.tid === undefined || match.tid === tid) &&
      (match.comm === undefined || (tid !== 0 && this.threadNames.isNamed(tid, match.comm)))
    );
  }
}

function compiled({ match: { ranges, kinds, thread, hitCondition } }: RuleDto): CompiledMatch {
  const bounds = ranges?.flatMap((text) => {
    const { start, end } = parseRangeText(text)!;
    return [Number(start), Number(end)];
  });
  return {
    isAlways: ranges === undefined && kinds === undefined && thread === undefined,
    bounds: bounds === undefined ? undefined : Float64Array.from(bounds),
    kinds: (kinds ?? (['missing', 'wp', 'minor'] as const)).reduce((bits, kind) => bits | kindBits[kind], 0),
    tid: typeof thread === 'number' ? thread : undefined,
    comm: typeof thread === 'string' ? thread : undefined,
    hitCondition: hitCondition === undefined ? undefined : parseHitCondition(hitCondition),
  };
}

/** No kind has flags that this version does not know, such as those of newer kernels. */
function kindBit(flags: number): number {
  if ((flags & PAGEFAULT_FLAG_WP) !== 0) {
    return kindBits.wp;
  }
  if ((flags & PAGEFAULT_FLAG_MINOR) !== 0) {
    return kindBits.minor;
  }
  return (flags & ~PAGEFAULT_FLAG_WRITE) === 0 ? kindBits.missing : 0;
}

function isInside(bounds: Float64Array, address: number): boolean {
  for (let i = 0; i < bounds.length; i += 2) {
    if (address >= bounds[i]! && address < bounds[i + 1]!) {
      return true;
    }
  }
  return false;
}
