/** What features and huge pages change about faults: THP, EXACT_ADDRESS, WP_ASYNC, SIGBUS, no THREAD_ID. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { RangesRequest } from '../../native-helper/protocol/session.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { reserveHugePages } from './hugePages.ts';
import { copiedByte, copyAction, MemoryTarget, offeredIds, plainActions } from './memoryTarget.ts';

const hugePageBytes = 2 ** 21;

describe('memory with features', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  const start = (features: string, ...options: string[]) =>
    MemoryTarget.start(fixture, '--features', features, ...options);

  async function rangeOf(memory: MemoryTarget) {
    const { sessionId } = memory;
    const ranges = await memory.helper.connection.sendRequest(RangesRequest, { sessionId });
    return ranges.find(({ start }) => start === memory.target.pageAt(0))!;
  }

  describe('transparent huge pages', () => {
    const wp = ['--memory', 'thp', '--modes', 'wp', '--populate', '9'];
    before(function () {
      const enabled = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'latin1');
      if (enabled.includes('[never]')) {
        console.log('      skipped: transparent huge pages are off');
        this.skip();
      }
    });

    it('are listed, and split where one of their pages is unprotected', async () => {
      const memory = await start('THREAD_ID,PAGEFAULT_FLAG_WP', ...wp);
      const range = await rangeOf(memory);
      assert.deepEqual([range.pageBytes, range.thpBytes], [4096, hugePageBytes]);
      await memory.prepare(0, plainActions.protect!, 512);
      assert.equal((await rangeOf(memory)).thpBytes, hugePageBytes, 'protected as a whole');
      const fault = await memory.touch('write', 300);
      assert.equal(fault.flags, 3n);
      const { doneBytes } = await memory.resolve(fault, plainActions.unprotect!);
      assert.equal(doneBytes, 4096);
      assert.equal((await memory.goesOn(300))['byte'], 9);
      assert.equal((await rangeOf(memory)).thpBytes, 0, 'split');
      // Its neighbours are still protected.
      const next = await memory.touch('write', 301);
      await memory.resolve(next, plainActions.unprotect!);
      await memory.goesOn(301);
    });

    it('are in the way of every page inside them', async () => {
      const options = ['--memory', 'thp', '--modes', 'missing,wp', '--populate', '9'];
      const memory = await start('THREAD_ID,PAGEFAULT_FLAG_WP', ...options);
      const range = memory.pages(17);
      const offered = offeredIds(await memory.helper.preflight(memory.sessionId, range));
      assert.ok(!offered.includes('copy') && !offered.includes('poison'), offered.join());
      for (const id of ['copy', 'zeropage', 'poison'] as const) {
        const { results } = await memory.helper.resolve(memory.sessionId, range, plainActions[id]!);
        assert.equal(results[0]?.errno, 'EEXIST', id);
      }
      assert.equal((await rangeOf(memory)).thpBytes, hugePageBytes);
    });

    it('never come by a fault that is served page by page', async () => {
      const memory = await start('THREAD_ID', '--memory', 'thp');
      const fault = await memory.touch('read', 100);
      assert.equal((await memory.resolve(fault, copyAction)).doneBytes, 4096);
      await memory.goesOn(100);
      assert.equal((await rangeOf(memory)).thpBytes, 0);
      const all = await memory.helper.resolve(memory.sessionId, memory.pages(101, 411), copyAction);
      assert.equal(all.failed, 0);
      assert.equal(memory.bytes(511)[4095], copiedByte);
    });
  });

  describe('EXACT_ADDRESS', () => {
    it('gives the byte that was touched; page, answers and wake are those of the page', async () => {
      const memory = await start('THREAD_ID,EXACT_ADDRESS');
      memory.target.send('write 0 2');
      const fault = await eventually('the fault is held', () => [...memory.log.open.values()][0]);
      // The target writes to the second byte first.
      assert.equal(fault.address, BigInt(memory.target.pageAt(2)) + 1n);
      const result = await memory.resolve(fault, { ...copyAction, dontWake: true });
      assert.deepEqual([result.errno, result.start], [undefined, memory.target.pageAt(2)]);
      assert.equal((await memory.wake(fault)).start, memory.target.pageAt(2));
      assert.equal((await memory.goesOn(2))['byte'], copiedByte);
    });

    it('of hugetlb memory: the wake covers the whole huge page', async function () {
      const reserved = reserveHugePages(2);
      if ('obstacle' in reserved) {
        console.log(`      skipped: ${reserved.obstacle}`);
        this.skip();
      }
      try {
        const memory = await start('THREAD_ID,EXACT_ADDRESS', '--memory', 'hugetlb', '--pages', '2');
        memory.target.send('write 0 1');
        const fault = await eventually('the fault is held', () => [...memory.log.open.values()][0]);
        assert.equal(fault.address, BigInt(memory.target.pageAt(1)) + 1n);
        await memory.resolve(fault, { ...copyAction, dontWake: true });
        assert.deepEqual(memory.target.sleeping(), [fault.tid]);
        const { start: from, lengthBytes } = await memory.wake(fault);
        assert.deepEqual([from, lengthBytes], [memory.target.pageAt(1), hugePageBytes]);
        assert.equal((await memory.goesOn(1))['byte'], copiedByte);
        await fixture.stop();
      } finally {
        reserved.giveBack();
      }
    });
  });

  it('WP_ASYNC: the session says that no WP fault comes, and none does', async () => {
    const features = 'THREAD_ID,PAGEFAULT_FLAG_WP,WP_UNPOPULATED,WP_ASYNC';
    const memory = await start(features, '--modes', 'wp', '--populate', '5');
    assert.ok(memory.session.notes.some((note) => note.startsWith('WP_ASYNC')));
    await memory.prepare(0, plainActions.protect!, 4);
    memory.target.send('write 0 1');
    assert.equal((await memory.goesOn(1))['byte'], 5);
    await memory.helper.setRules(memory.sessionId, []);
    assert.deepEqual(
      memory.log.rows.filter(({ kind }) => kind === 'raised'),
      [],
    );
  });

  it('SIGBUS: the session says that threads get a signal instead, and they do', async () => {
    const memory = await start('THREAD_ID,SIGBUS');
    assert.ok(memory.session.notes.some((note) => note.startsWith('SIGBUS')));
    memory.target.send('read 0 1');
    assert.equal((await memory.goesOn(1)).event, 'sigbus');
    memory.target.send('copy 0 1');
    const copied = await eventually('the system call returns', () => memory.target.said('copied')[0]);
    assert.equal(copied['errno'], 14, 'EFAULT');
    // The page can be provided beforehand.
    await memory.prepare(2, copyAction);
    memory.target.send('read 0 2');
    assert.equal((await memory.goesOn(2))['byte'], copiedByte);
    assert.equal(memory.log.open.size, 0);
  });

  it('no THREAD_ID: the one sleeping thread is inferred, and marked so', async () => {
    const memory = await start('PAGEFAULT_FLAG_WP');
    assert.ok(memory.session.notes.some((note) => note.includes('THREAD_ID')));
    const fault = await memory.touch('read', 1);
    assert.deepEqual([fault.tid], memory.target.sleeping());
    const raised = memory.log.rows.find(({ kind }) => kind === 'raised')!;
    assert.equal(raised.out, 1n);
    assert.equal((await memory.resolve(fault, copyAction)).errno, undefined);
    await memory.goesOn(1);
  });

  it('WP_UNPOPULATED: an empty page can be protected, and its first write faults', async () => {
    const memory = await start('THREAD_ID,PAGEFAULT_FLAG_WP,WP_UNPOPULATED', '--modes', 'wp');
    const offered = offeredIds(await memory.helper.preflight(memory.sessionId, memory.pages(1)));
    assert.ok(offered.includes('protect'), offered.join());
    await memory.prepare(0, plainActions.protect!, 4);
    const fault = await memory.touch('write', 1);
    assert.equal(fault.flags & 2n, 2n);
    assert.equal((await memory.resolve(fault, plainActions.unprotect!)).errno, undefined);
    await memory.goesOn(1);
  });

  it('a fault of a system call is held and resolved like any other, where the kernel may fault', async function () {
    const memory = await start('THREAD_ID');
    memory.target.send('copy 0 1');
    const outcome = await eventually(
      'the call faults or returns',
      () => [...memory.log.open.values()][0] ?? memory.target.said('copied')[0],
    );
    if ('event' in outcome) {
      assert.equal(outcome['errno'], 14, 'EFAULT: user mode only');
      console.log('      skipped: this user may only have faults of user mode');
      this.skip();
    }
    assert.equal((await memory.resolve(outcome, copyAction)).errno, undefined);
    const copied = await eventually('the call returns', () => memory.target.said('copied')[0]);
    assert.equal(copied['errno'], 0);
  });

  it('a fault in memory that moved is resolved where it is now', async () => {
    const memory = await start('THREAD_ID,EVENT_REMAP', '--threads', '2');
    const fault = await memory.touch('read', 1);
    const { address } = await memory.target.ask('remap 1 1');
    const moved = await eventually('the fault has followed', () => {
      const page = BigInt((memory.log.open.get(fault.id)?.page ?? 0) * 4096);
      return page === BigInt(address as string) ? memory.log.open.get(fault.id) : undefined;
    });
    const result = await memory.resolve(moved, copyAction);
    assert.equal(result.errno, undefined, result.text);
    assert.equal(result.start, address);
  });
});
