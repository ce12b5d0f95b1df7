/** Every kind of memory in every registration that the kernel allows, resolved by every ioctl. */
import assert from 'node:assert/strict';
import type { IoctlResultDto } from '../../native-helper/protocol/ioctls.ts';
import type { OfferId } from '../../native-helper/protocol/preflight.ts';
import type { MemoryKind } from '../../native-helper/protocol/ranges.ts';
import type { FaultKind } from '../../native-helper/rules/faultRule.ts';
import { Fixture } from './fixture.ts';
import { HelperProcess } from './helperProcess.ts';
import { reserveHugePages } from './hugePages.ts';
import {
  cachedByte,
  copiedByte,
  copyAction,
  MemoryTarget,
  offeredIds,
  onlyResult,
  plainActions,
  presentByte,
} from './memoryTarget.ts';
import type { TargetEvent } from './targetProcess.ts';

const hugePages = 12;
const features = 'THREAD_ID,PAGEFAULT_FLAG_WP,MINOR_SHMEM,MINOR_HUGETLBFS,WP_HUGETLBFS_SHMEM';

interface Kind {
  readonly name: string;
  readonly options: readonly string[];
  readonly memory: MemoryKind;
  readonly isShared: boolean;
  readonly pageBytes: number;
  readonly hasMinor: boolean;
}
const anonymous: Kind = {
  name: 'anonymous memory',
  options: ['--memory', 'anonymous'],
  memory: 'anonymous',
  isShared: false,
  pageBytes: 4096,
  hasMinor: false,
};
const thp: Kind = { ...anonymous, name: 'anonymous memory with huge pages', options: ['--memory', 'thp'] };
const shmem: Kind = {
  ...anonymous,
  name: 'shmem',
  options: ['--memory', 'shmem'],
  memory: 'shmem',
  isShared: true,
  hasMinor: true,
};
const privateShmem: Kind = {
  ...shmem,
  name: 'private shmem',
  options: ['--memory', 'shmem', '--private'],
  isShared: false,
  hasMinor: false,
};
const hugetlb: Kind = {
  ...shmem,
  name: 'hugetlb',
  options: ['--memory', 'hugetlb'],
  memory: 'hugetlb',
  pageBytes: 2 ** 21,
};

const registrations: readonly (readonly FaultKind[])[] = [
  ['missing'],
  ['wp'],
  ['missing', 'wp'],
  ['minor'],
  ['missing', 'minor'],
  ['wp', 'minor'],
  ['missing', 'wp', 'minor'],
];

/** Ioctls that resolve such a fault. */
function resolving(kind: Kind, fault: FaultKind): OfferId[] {
  switch (fault) {
    case 'missing':
      return kind.memory === 'hugetlb' ? ['copy', 'poison'] : ['copy', 'zeropage', 'poison'];
    case 'minor':
      return ['continue', 'poison'];
    case 'wp':
      return ['unprotect'];
  }
}

/** What the kernel answers to those that do not: nothing where it is no error. */
function refusing(
  kind: Kind,
  fault: FaultKind,
  modes: readonly FaultKind[],
): Partial<Record<OfferId, string>> {
  const isHugetlb = kind.memory === 'hugetlb';
  const isCached = fault !== 'missing' && kind.isShared;
  const noContinue = kind.memory === 'anonymous' ? 'EINVAL' : isCached ? 'EEXIST' : 'EFAULT';
  const noProtection = modes.includes('wp') ? {} : { unprotect: 'ENOENT', protect: 'ENOENT' };
  switch (fault) {
    case 'missing':
      return {
        continue: noContinue,
        ...(isHugetlb ? { zeropage: 'EINVAL' } : {}),
        ...noProtection,
      };
    case 'minor':
      return { copy: 'EEXIST', zeropage: isHugetlb ? 'EINVAL' : 'EEXIST', ...noProtection };
    case 'wp':
      return {
        copy: 'EEXIST',
        zeropage: isHugetlb ? 'EINVAL' : 'EEXIST',
        continue: noContinue,
        poison: 'EEXIST',
      };
  }
}

/** The first byte a thread then sees; undefined where it gets SIGBUS. */
const seenByte: Readonly<Partial<Record<OfferId, number>>> = {
  copy: copiedByte,
  zeropage: 0,
  continue: cachedByte,
  unprotect: presentByte,
};
const flagsOf: Readonly<Record<FaultKind, bigint>> = { missing: 0n, minor: 4n, wp: 3n };

/** Of hugetlbfs nobody can ask what is in the page cache, and of tmpfs only root can: then the offer stands. */
function isUnknowable(kind: Kind, fault: FaultKind, id: OfferId): boolean {
  return id === 'continue' && fault === 'missing' && (kind === hugetlb || process.getuid!() !== 0);
}

function assertListed({ session, target }: MemoryTarget, kind: Kind, modes: readonly FaultKind[]): void {
  const range = session.ranges.find(({ start }) => start === target.pageAt(0));
  assert.ok(range !== undefined, JSON.stringify(session.ranges));
  assert.equal(range.memory, kind.memory);
  assert.equal(range.isShared, kind.isShared);
  assert.equal(range.pageBytes, kind.pageBytes);
  assert.deepEqual([...range.modes].sort(), modes.map((mode) => mode.toUpperCase()).sort());
  assert.equal(range.lengthBytes, target.ready!.pages * kind.pageBytes);
}

function assertWentOn(event: TargetEvent, id: OfferId): void {
  assert.equal(event.event, seenByte[id] === undefined ? 'sigbus' : 'touched', `after ${id}`);
  assert.equal(event['byte'], seenByte[id], `after ${id}`);
}

describe('memory', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());
  let helper: HelperProcess;
  before(async () => (helper = await HelperProcess.start()));
  after(() => helper.stop());

  for (const kind of [anonymous, thp, shmem, privateShmem, hugetlb]) {
    describe(kind.name, () => {
      let giveBack = (): void => undefined;
      before(function () {
        if (kind === hugetlb) {
          const reserved = reserveHugePages(hugePages);
          if ('obstacle' in reserved) {
            console.log(`      skipped: ${reserved.obstacle}`);
            this.skip();
          }
          giveBack = () => reserved.giveBack();
        }
      });
      after(() => giveBack());

      for (const modes of registrations.filter((modes) => kind.hasMinor || !modes.includes('minor'))) {
        describe(`registered for ${modes.join(', ')}`, () => {
          const start = () =>
            MemoryTarget.attach(
              helper,
              fixture,
              ...kind.options,
              ...['--modes', modes.join(), '--features', features, '--pages', String(hugePages)],
            );

          for (const faultKind of modes) {
            it(`a ${faultKind} fault: what is offered resolves it, what is not fails`, async () => {
              const memory = await start();
              assertListed(memory, kind, modes);
              const expected = resolving(kind, faultKind);
              const refusals = refusing(kind, faultKind, modes);
              let page = 0;
              for (const id of expected) {
                const fault = await memory.raise(faultKind, page);
                assert.equal(fault.flags, flagsOf[faultKind]);
                const preflight = await memory.preflight(fault);
                const offered = offeredIds(preflight);
                const text = JSON.stringify(preflight.offers);
                for (const each of expected) {
                  assert.ok(offered.includes(each), `${each} is not offered: ${text}`);
                }
                assert.ok(offered.includes('wake') && !offered.includes('move'), text);
                for (const [refused, errno] of Object.entries(refusals) as [OfferId, string][]) {
                  assert.ok(
                    !offered.includes(refused) || isUnknowable(kind, faultKind, refused),
                    `${refused} is offered: ${text}`,
                  );
                  const { errno: answer, text: words } = await memory.resolve(fault, plainActions[refused]!);
                  assert.equal(answer, errno, words);
                }
                const result = await memory.resolve(fault, plainActions[id]!);
                assert.equal(result.errno, undefined, result.text);
                assert.equal(result.doneBytes, kind.pageBytes);
                assertWentOn(await memory.goesOn(page), id);
                if (id === 'copy') {
                  assert.ok(memory.bytes(page).equals(Buffer.alloc(kind.pageBytes, copiedByte)));
                }
                assert.equal(memory.log.open.size, 0);
                page++;
              }
            });
          }

          if (modes.includes('wp') && modes.length > 1) {
            it('COPY or CONTINUE in mode WP: the next write faults', async () => {
              const memory = await start();
              for (const [page, faultKind] of modes.filter((mode) => mode !== 'wp').entries()) {
                const fault = await memory.raise(faultKind, page);
                const { offers } = await memory.preflight(fault);
                const id = faultKind === 'missing' ? 'copy' : 'continue';
                assert.equal(offers.find((offer) => offer.id === id)!.wpObstacle, '');
                const action = { ...plainActions[id]!, wp: true } as typeof copyAction;
                const result = await memory.resolve(fault, action);
                assert.equal(result.errno, undefined, result.text);
                assertWentOn(await memory.goesOn(page), id);
                const said = memory.target.events.length;
                const write = await memory.touch('write', page);
                assert.equal(write.flags, flagsOf.wp);
                assert.equal((await memory.resolve(write, plainActions.unprotect!)).errno, undefined);
                assert.equal((await memory.goesOn(page, said))['byte'], seenByte[id]);
              }
            });
          }

          it('DONTWAKE leaves the thread asleep until it is woken', async () => {
            const memory = await start();
            for (const [page, faultKind] of modes.entries()) {
              for (const [i, id] of resolving(kind, faultKind).entries()) {
                const at = page * 3 + i;
                const fault = await memory.raise(faultKind, at);
                const action = { ...plainActions[id]!, dontWake: true };
                const result = await memory.resolve(fault, action);
                assert.equal(result.errno, undefined, result.text);
                assert.equal(result.offersWake, true);
                assert.deepEqual(memory.target.sleeping(), [fault.tid]);
                if (id !== 'unprotect') {
                  const again = await memory.resolve(fault, action);
                  assert.equal(again.errno, 'EEXIST', `second ${id}: ${again.text}`);
                  assert.equal(again.offersWake, true);
                  assert.deepEqual(memory.target.sleeping(), [fault.tid]);
                }
                assert.equal((await memory.wake(fault)).errno, undefined);
                assertWentOn(await memory.goesOn(at), id);
              }
            }
          });
        });
      }
    });
  }

  describe('in pages that are there', () => {
    it('POISON is refused, and EEXIST offers a wake', async () => {
      const memory = await MemoryTarget.attach(helper, fixture, '--threads', '2');
      const [first, second] = [await memory.raise('missing', 0), await memory.touch('read', 0, 1)];
      await memory.resolve(first, { ...copyAction, dontWake: true });
      const offered = offeredIds(await memory.preflight(second));
      for (const id of ['copy', 'zeropage', 'poison'] as const) {
        assert.ok(!offered.includes(id), id);
        const result = await memory.resolve(second, plainActions[id]!);
        assert.deepEqual([result.errno, result.out, result.offersWake], ['EEXIST', '-17', true]);
      }
      const result: IoctlResultDto = onlyResult(await memory.helper.wake(memory.sessionId, memory.pages(0)));
      assert.equal(result.errno, undefined);
      await memory.goesOn(0);
      assert.equal(memory.log.open.size, 0);
    });
  });
});
