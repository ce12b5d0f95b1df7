import assert from 'node:assert/strict';
import { preflight } from '../../../native-helper/capture/preflight.ts';
import type { PageFacts, PresentFacts } from '../../../native-helper/capture/preflightFacts.ts';
import type { OfferId, PreflightDto } from '../../../native-helper/protocol/preflight.ts';
import type { MemoryKind } from '../../../native-helper/protocol/ranges.ts';

const system: PresentFacts = {
  features: ['THREAD_ID'],
  ioctlNames: [
    'REGISTER',
    'UNREGISTER',
    'WAKE',
    'COPY',
    'ZEROPAGE',
    'MOVE',
    'WRITEPROTECT',
    'CONTINUE',
    'POISON',
  ],
  warnings: [],
  moveObstacle: 'nobody is frozen',
};

function page(memory: MemoryKind, modes: readonly string[], more: Partial<PageFacts> = {}): PageFacts {
  return {
    count: 1,
    fault: ['MISSING'],
    stale: null,
    range: {
      memory,
      isShared: memory !== 'anonymous',
      pageBytes: memory === 'hugetlb' ? 2 ** 21 : 4096,
      modes,
    },
    content: 'none',
    isWriteProtected: false,
    isInPageCache: undefined,
    ...more,
  };
}

function preflightOf(pages: readonly PageFacts[], of = system): PreflightDto {
  const total = pages.reduce((sum, { count }) => sum + count, 0);
  return preflight({ pages, total, areFaults: true }, of);
}

/** Ids of the offers without an obstacle. */
function offered(...pages: PageFacts[]): string {
  return preflightOf(pages)
    .offers.filter(({ obstacle }) => obstacle === '')
    .map(({ id }) => id)
    .join(' ');
}

const obstacle = (id: OfferId, of: PageFacts, at = system): string =>
  preflightOf([of], at).offers.find((offer) => offer.id === id)!.obstacle;

describe('preflight', () => {
  it('has every offer once, in the order of the contract', () => {
    assert.equal(
      preflightOf([page('anonymous', ['MISSING'])])
        .offers.map(({ id }) => id)
        .join(' '),
      'copy zeropage continue unprotect protect poison move wake unregister',
    );
  });

  it('offers what resolves a missing fault', () => {
    assert.equal(offered(page('anonymous', ['MISSING'])), 'copy zeropage poison wake unregister');
    assert.equal(
      offered(page('shmem', ['MISSING'], { isInPageCache: false })),
      'copy zeropage poison wake unregister',
    );
    assert.equal(
      offered(page('hugetlb', ['MISSING'], { isInPageCache: false })),
      'copy poison wake unregister',
    );
  });

  it('offers CONTINUE and POISON, but no bytes, for a minor fault', () => {
    for (const memory of ['shmem', 'hugetlb'] as const) {
      const minor = page(memory, ['MINOR'], { fault: ['MINOR'], isInPageCache: true });
      assert.equal(offered(minor), 'continue poison wake unregister');
    }
    assert.match(
      obstacle('copy', page('shmem', ['MINOR'], { fault: ['MINOR'], isInPageCache: true })),
      /page cache: use CONTINUE/,
    );
  });

  it('offers WRITEPROTECT for a write-protect fault, and says so where a page is refused', () => {
    const wp = page('anonymous', ['WP'], {
      fault: ['WRITE', 'WP'],
      content: 'present',
      isWriteProtected: true,
    });
    assert.equal(offered(wp), 'unprotect protect wake unregister');
    assert.match(obstacle('copy', wp), /already there, write-protected: use WRITEPROTECT off/);
    assert.match(obstacle('unprotect', page('anonymous', ['MISSING', 'WP'])), /no write-protect fault/);
  });

  it('offers mode WP only where the range is registered for it', () => {
    const wpObstacle = (modes: readonly string[]): (string | undefined)[] =>
      preflightOf([page('shmem', modes)]).offers.map((offer) => offer.wpObstacle);
    const none = 'the range is not registered for WP';
    const no = undefined;
    assert.deepEqual(wpObstacle(['MISSING']), [none, no, none, no, no, no, no, no, no]);
    assert.deepEqual(wpObstacle(['MISSING', 'WP']), ['', no, '', no, no, no, no, no, no]);
  });

  it('protects an empty place of anonymous memory only where marks are kept', () => {
    const empty = page('anonymous', ['WP']);
    assert.match(obstacle('protect', empty), /WP_UNPOPULATED is off/);
    for (const feature of ['WP_UNPOPULATED', 'WP_ASYNC']) {
      assert.equal(obstacle('protect', empty, { ...system, features: [feature] }), '');
    }
    assert.equal(obstacle('protect', page('shmem', ['WP'])), '');
  });

  it('refuses what the kernel does not have', () => {
    const old = { ...system, ioctlNames: ['REGISTER', 'UNREGISTER', 'WAKE', 'COPY', 'ZEROPAGE', '0x200'] };
    assert.equal(obstacle('poison', page('anonymous', ['MISSING']), old), 'this kernel has no POISON');
    assert.equal(obstacle('continue', page('shmem', ['MISSING']), old), 'this kernel has no CONTINUE');
    assert.equal(obstacle('copy', page('anonymous', ['MISSING']), old), '');
  });

  it('offers no zero page over a mark in private memory, where only COPY puts a page', () => {
    const marked = page('anonymous', ['MISSING', 'WP'], { content: 'marked' });
    assert.equal(obstacle('zeropage', marked), 'the page is marked: use COPY');
    assert.equal(obstacle('copy', marked), '');
    const shared = page('shmem', ['MISSING'], { content: 'marked', isInPageCache: false });
    assert.equal(obstacle('zeropage', shared), '');
  });

  it('offers MOVE where a thread of the target can do it, for one missing page of private anonymous memory', () => {
    const can = { ...system, moveObstacle: '' };
    const missing = page('anonymous', ['MISSING']);
    assert.equal(obstacle('move', missing, can), '');
    assert.equal(obstacle('move', missing), 'nobody is frozen');
    assert.equal(obstacle('move', page('shmem', ['MISSING']), can), 'moves private anonymous memory only');
    assert.equal(obstacle('move', page('hugetlb', ['MISSING']), can), 'moves private anonymous memory only');
    assert.equal(obstacle('move', { ...missing, content: 'present' }, can), 'the page is already there');
    assert.equal(obstacle('move', { ...missing, content: 'marked' }, can), 'the page is already marked');
    assert.equal(obstacle('move', { ...missing, range: 'none' }, can), 'in no registered range');
    assert.equal(
      obstacle('move', { ...missing, range: 'unseen' }, can),
      'it is not known whose memory it is',
    );
    assert.match(obstacle('move', { ...missing, count: 2 }, can), /^one fault at a time/);
    const old = { ...can, ioctlNames: ['COPY'] };
    assert.equal(obstacle('move', missing, old), 'this kernel has no MOVE');
  });

  it('leaves only the wake where nothing is registered any more', () => {
    const gone = { ...page('anonymous', []), range: 'none' } as const;
    assert.equal(offered(gone), 'wake');
    assert.equal(offered({ ...gone, range: 'unseen' }).includes('copy'), true);
  });

  it('warns of stale faults and of what resolving by hand may break', () => {
    const stale = [
      page('anonymous', ['MISSING'], { stale: 'removed', count: 3 }),
      page('anonymous', ['MISSING'], { stale: 'unmapped' }),
    ];
    const { warnings } = preflightOf(stale, { ...system, warnings: ['A handler of its own.'] });
    assert.match(warnings[0]!, /^3 faults are stale: .*removed/);
    assert.match(warnings[1]!, /^1 fault is stale: .*unmapped.*SIGSEGV/);
    assert.equal(warnings[2], 'A handler of its own.');
  });

  it('offers for several faults what works on any, and warns how many it does not work on', () => {
    const mixed = [
      page('anonymous', ['MISSING', 'WP'], { count: 10 }),
      page('anonymous', ['MISSING', 'WP'], {
        fault: ['WRITE', 'WP'],
        content: 'present',
        isWriteProtected: true,
        count: 2,
      }),
    ];
    const { offers, warnings, facts } = preflightOf(mixed);
    assert.equal(offers[0]!.obstacle, '');
    assert.match(
      warnings.find((text) => text.startsWith('COPY'))!,
      /^COPY cannot work on 2 of 12: the page/,
    );
    assert.match(
      warnings.find((text) => text.startsWith('WRITEPROTECT off'))!,
      /on 10 of 12/,
    );
    assert.equal(facts[0], '12 faults');
    assert.ok(facts.includes('anonymous, 4 KiB pages'));
    assert.ok(facts.includes('page present (2 of 12)'));
  });

  it('shows flags and modes of newer kernels as they are', () => {
    const { facts } = preflightOf([page('hugetlb', ['MISSING', 'ur'], { fault: ['0x8'] })]);
    assert.deepEqual(facts.slice(0, 3), [
      '0x8 fault',
      'shared hugetlb, 2 MiB pages',
      'registered for MISSING, ur',
    ]);
  });
});
