import assert from 'node:assert/strict';
import { RuleMatcher } from '../../../native-helper/capture/ruleMatcher.ts';
import type { RuleDto } from '../../../native-helper/protocol/rules.ts';
import type { FaultKind, RuleMatch } from '../../../native-helper/rules/faultRule.ts';
import { SeededRandom } from './seededRandom.ts';

const names = new Map([
  [11, 'vcpu0'],
  [12, 'vcpu1'],
  [13, 'vcpu0'],
]);
const threadNames = { isNamed: (tid: number, comm: string) => (names.get(tid) ?? '') === comm };
const kindFlags: Record<FaultKind, number[]> = { missing: [0, 1], wp: [2, 3], minor: [4, 5] };

function rule(match: RuleMatch, isEnabled = true): RuleDto {
  return { name: '', isEnabled, match, action: { do: 'hold' }, delayMs: 0 };
}

interface Fault {
  readonly address: bigint;
  readonly kind: FaultKind;
  readonly tid: number;
}

/** The meaning of a match, as plainly as it can be said. */
function meets(match: RuleMatch, fault: Fault): boolean {
  const isInRange = match.ranges?.some((text) => {
    const [start, end] = text.split('-').map(BigInt);
    return fault.address >= start! && fault.address < end!;
  });
  const isThread =
    typeof match.thread === 'string' ? names.get(fault.tid) === match.thread : match.thread === fault.tid;
  return (
    isInRange !== false &&
    match.kinds?.includes(fault.kind) !== false &&
    (match.thread === undefined || isThread)
  );
}

function meetsHits(condition: string | undefined, hit: number): boolean {
  const [operator, count] = condition === undefined ? ['>=', '0'] : condition.split(' ');
  switch (operator) {
    case '%':
      return hit % Number(count) === 0;
    case '<':
      return hit < Number(count);
    case '<=':
      return hit <= Number(count);
    case '>':
      return hit > Number(count);
    case '>=':
      return hit >= Number(count);
    default:
      return hit === Number(count ?? operator);
  }
}

function randomMatch(random: SeededRandom): RuleMatch {
  const page = (): number => random.below(12);
  const range = (): string => {
    const start = page();
    return `0x${(start * 4096).toString(16)}-0x${((start + 1 + page()) * 4096).toString(16)}`;
  };
  return {
    ...(random.below(2) === 0 ? {} : { ranges: Array.from({ length: 1 + random.below(2) }, range) }),
    ...(random.below(2) === 0 ? {} : { kinds: [random.pick(['missing', 'wp', 'minor'] as const)] }),
    ...(random.below(3) === 0 ? { thread: random.pick([11, 12, 14, 'vcpu0', 'vcpu1', 'nobody']) } : {}),
    ...(random.below(3) === 0
      ? { hitCondition: random.pick(['2', '== 3', '> 2', '>= 2', '< 3', '<= 2', '% 3']) }
      : {}),
  };
}

describe('matching of faults by rules', () => {
  it('agrees with a plain reading of the rules, for random rules and faults', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = new SeededRandom(seed);
      const rules = Array.from({ length: 1 + random.below(5) }, () =>
        rule(randomMatch(random), random.below(6) !== 0),
      );
      const matcher = new RuleMatcher(rules, threadNames);
      const hits = rules.map(() => 0);
      for (let i = 0; i < 60; i++) {
        const kind = random.pick(['missing', 'wp', 'minor'] as const);
        const address = random.below(24) * 4096;
        const tid = random.pick([0, 11, 12, 13, 14]);
        const expected = rules.findIndex(
          ({ isEnabled, match }, r) =>
            isEnabled &&
            meets(match, { address: BigInt(address), kind, tid }) &&
            meetsHits(match.hitCondition, ++hits[r]!),
        );
        const found = matcher.next(0, address, random.pick(kindFlags[kind]), tid);
        assert.equal(found, expected, `seed ${seed}, fault ${i}`);
      }
      assert.deepEqual(matcher.hits, hits, `seed ${seed}`);
    }
  });

  it('goes on behind a rule that has been met', () => {
    const matcher = new RuleMatcher([rule({}), rule({ kinds: ['wp'] }), rule({})], threadNames);
    assert.equal(matcher.next(0, 4096, 0, 11), 0);
    assert.equal(matcher.next(1, 4096, 0, 11), 2);
    assert.equal(matcher.next(3, 4096, 0, 11), -1);
    assert.deepEqual(matcher.hits, [1, 0, 1]);
  });

  it('takes a fault inside a page by its exact address', () => {
    const matcher = new RuleMatcher([rule({ ranges: ['0x1010-0x1020'] })], threadNames);
    assert.deepEqual(
      [0x100f, 0x1010, 0x101f, 0x1020].map((address) => matcher.next(0, address, 0, 1)),
      [-1, 0, 0, -1],
    );
  });

  it('meets no rule for a thread while the thread is not known', () => {
    const matcher = new RuleMatcher([rule({ thread: '' }), rule({ thread: 'vcpu0' })], threadNames);
    assert.equal(matcher.next(0, 4096, 0, 0), -1);
  });
});
