/** A dirty tracker: write protection, and a rule that notes each write and lets it through. */
import assert from 'node:assert/strict';
import type { EventRow } from '../../native-helper/log/eventRows.ts';
import type { RuleDto } from '../../native-helper/protocol/rules.ts';
import { Fixture } from './fixture.ts';
import { MemoryTarget, plainActions } from './memoryTarget.ts';

const rounds = 5;
const pages = 1024;
const WP = 2n;

const track: RuleDto = {
  name: 'track',
  isEnabled: true,
  match: { kinds: ['wp'] },
  action: { do: 'resolve', action: plainActions.unprotect!, lengthPages: 1, around: false },
  delayMs: 0,
};

/** Pages that the target wrote to in its last round, as it counted them itself. */
function truth(memory: MemoryTarget): number[] {
  const pieces = memory.target.said('dirtied').slice(-pages / 256);
  const bitmap = pieces.map((piece) => piece['bitmap'] as string).join('');
  return Array.from(bitmap.matchAll(/1/g), ({ index }) => index);
}

/** Pages with a WP fault in each round; a round begins where the user protects the range. */
function dirtyByLog(memory: MemoryTarget): number[][] {
  const start = memory.target.ready!.address;
  const found: Set<number>[] = [];
  const protects = ({ kind, actor, flags }: EventRow) =>
    kind === 'writeprotect' && actor === 'user' && flags === 1n;
  for (const row of memory.log.rows) {
    if (protects(row)) {
      found.push(new Set());
    } else if (row.kind === 'raised') {
      assert.equal(row.flags & WP, WP);
      found.at(-1)!.add(Number((row.address - start) / 4096n));
    }
  }
  return found.map((set) => [...set].sort((a, b) => a - b));
}

describe('dirty tracking', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  for (const [name, features] of [
    ['anonymous', 'THREAD_ID,PAGEFAULT_FLAG_WP'],
    ['thp', 'THREAD_ID,PAGEFAULT_FLAG_WP'],
    ['shmem', 'THREAD_ID,PAGEFAULT_FLAG_WP,WP_HUGETLBFS_SHMEM'],
  ] as const) {
    it(`finds exactly the pages of ${name} memory that 4 threads wrote to, round after round`, async () => {
      const memory = await MemoryTarget.start(
        fixture,
        ...['--memory', name, '--modes', 'wp', '--features', features],
        ...['--pages', `${pages}`, '--threads', '4', '--populate', '7'],
      );
      const { helper, sessionId } = memory;
      await helper.setRules(sessionId, [track]);
      const truths: number[][] = [];
      for (let round = 0; round < rounds; round++) {
        await memory.prepare(0, plainActions.protect!, pages);
        await memory.target.ask(`dirty ${round + 1}`);
        truths.push(truth(memory));
      }
      // The answer comes after the rows of what happened before it.
      await helper.setRules(sessionId, []);
      assert.deepEqual(dirtyByLog(memory), truths);
      assert.ok(truths.every((dirty) => dirty.length > pages / 4 && dirty.length < pages));
      assert.equal(memory.log.open.size, 0);
      assert.deepEqual(memory.log.gaps, []);
    });
  }
});
