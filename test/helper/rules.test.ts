/** Rules at work on the real kernel: every action, every condition, and what goes wrong. */
import assert from 'node:assert/strict';
import type { EventRow } from '../../native-helper/log/eventRows.ts';
import type { RuleDto, ServingActionDto } from '../../native-helper/protocol/rules.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { reserveHugePages } from './hugePages.ts';
import {
  cachedByte,
  copiedByte,
  copyAction,
  MemoryTarget,
  plainActions,
  presentByte,
} from './memoryTarget.ts';
import { isStopped } from './processTasks.ts';
import { refused } from './refused.ts';
import { filling, resolving, rule } from './ruleBuilders.ts';

const pageBytes = 4096;

/** Rows of a fault, as kind, actor and errno. */
function story(memory: MemoryTarget, faultId: number): [EventRow['kind'], EventRow['actor'], number][] {
  return memory.log.rows
    .filter((row) => row.faultId === faultId)
    .map(({ kind, actor, errno }) => [kind, actor, errno]);
}

/** The id that the latest fault at a page got. */
function faultAt(memory: MemoryTarget, page: number): Promise<number> {
  const address = BigInt(memory.target.pageAt(page));
  return eventually(
    `the fault at page ${page} is in the log`,
    () => memory.log.rows.findLast((row) => row.kind === 'raised' && row.address === address)?.faultId,
  );
}

/** Waits until the last row of a fault is of that kind. */
async function ends(memory: MemoryTarget, faultId: number, kind: EventRow['kind']): Promise<void> {
  await eventually(`fault ${faultId} ends with ${kind}`, () => story(memory, faultId).at(-1)?.[0] === kind);
}

/** Touches a page and waits until its thread has gone on. @returns what it saw */
async function touch(memory: MemoryTarget, page: number, thread = 0, how = 'read') {
  const after = memory.target.events.length;
  memory.target.send(`${how} ${thread} ${page}`);
  return memory.goesOn(page, after);
}

describe('rules on the reader thread', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  const start = (...options: string[]): Promise<MemoryTarget> => MemoryTarget.start(fixture, ...options);
  const set = (memory: MemoryTarget, ...rules: RuleDto[]): Promise<null> =>
    memory.helper.setRules(memory.sessionId, rules);
  const rangeOf = (memory: MemoryTarget, page: number, count = 1): string =>
    `${memory.target.pageAt(page)}-${memory.target.pageAt(page + count)}`;

  describe('do', () => {
    it('hold: the fault stays for the user', async () => {
      const memory = await start();
      await set(memory, rule({ do: 'hold' }), rule(filling(1)));
      const fault = await memory.touch('read', 0);
      await memory.resolve(fault, copyAction);
      assert.equal((await memory.goesOn(0))['byte'], copiedByte);
    });

    it('log: a row with the rule’s number, and the next rule acts', async () => {
      const memory = await start();
      await set(
        memory,
        rule({ do: 'log' }),
        rule({ do: 'log' }, { kinds: ['wp'] }),
        rule({ do: 'log' }),
        rule(filling(9)),
      );
      assert.equal((await touch(memory, 1))['byte'], 9);
      const fault = await faultAt(memory, 1);
      await ends(memory, fault, 'copy');
      assert.deepEqual(story(memory, fault), [
        ['raised', 'kernel', 0],
        ['read', 'kernel', 0],
        ['log', 'rule', 0],
        ['log', 'rule', 0],
        ['copy', 'rule', 0],
      ]);
      const logged = memory.log.rows.filter(({ kind }) => kind === 'log');
      assert.deepEqual(
        logged.map(({ out, address }) => [out, address]),
        [1n, 3n].map((out) => [out, BigInt(memory.target.pageAt(1))]),
      );
    });

    it('log without another rule: the fault is held', async () => {
      const memory = await start();
      await set(memory, rule({ do: 'log' }));
      const { id } = await memory.touch('read', 0);
      assert.deepEqual(
        story(memory, id).map(([kind]) => kind),
        ['raised', 'read', 'log'],
      );
    });

    it('wake: the thread faults again', async () => {
      const memory = await start();
      await set(memory, rule({ do: 'wake' }, { hitCondition: '<= 3' }), rule(filling(4)));
      assert.equal((await touch(memory, 0))['byte'], 4);
      await ends(memory, 4, 'copy');
      assert.equal(
        memory.log.rows.filter(({ kind, actor }) => kind === 'wake' && actor === 'rule').length,
        3,
      );
    });

    it('copy, zeropage, poison: the thread sees it', async () => {
      const memory = await start();
      await set(
        memory,
        rule(filling(77), { ranges: [rangeOf(memory, 0)] }),
        rule(resolving(plainActions.zeropage!), { ranges: [rangeOf(memory, 1)] }),
        rule(resolving(plainActions.poison!), { ranges: [rangeOf(memory, 2)] }),
      );
      assert.equal((await touch(memory, 0))['byte'], 77);
      assert.equal((await touch(memory, 1))['byte'], 0);
      assert.equal((await touch(memory, 2)).event, 'sigbus');
    });

    it('continue for minor faults, and copy for missing ones beside it', async () => {
      const memory = await start(
        '--memory',
        'shmem',
        '--modes',
        'missing,minor',
        '--features',
        'MINOR_SHMEM,MISSING_SHMEM,THREAD_ID',
      );
      await set(
        memory,
        rule(resolving(plainActions.continue!), { kinds: ['minor'] }),
        rule(filling(3), { kinds: ['missing'] }),
      );
      await memory.target.ask(`cache 1 1 ${cachedByte}`);
      assert.equal((await touch(memory, 1))['byte'], cachedByte);
      assert.equal((await touch(memory, 0))['byte'], 3);
    });

    it('writeprotect off for WP faults', async () => {
      const memory = await start('--modes', 'missing,wp', '--features', 'PAGEFAULT_FLAG_WP,THREAD_ID');
      const present = { kind: 'fill', byte: presentByte } as const;
      await memory.prepare(0, { ...copyAction, source: present, wp: true });
      await set(memory, rule(resolving(plainActions.unprotect!), { kinds: ['wp'] }));
      await touch(memory, 0, 0, 'write');
      const fault = await faultAt(memory, 0);
      await ends(memory, fault, 'writeprotect');
      assert.equal(memory.log.open.size, 0);
    });

    describe('a fault served at once takes one row', () => {
      /** Touches page 0, and waits for the row. @returns how many rows came, and the events they tell of */
      async function served(memory: MemoryTarget, how: 'read' | 'write', last: EventRow['kind']) {
        const { log } = memory;
        const [rowsBefore, eventsBefore] = [log.rowCount, log.rows.length];
        await touch(memory, 0, 0, how);
        const fault = await faultAt(memory, 0);
        await ends(memory, fault, last);
        const events = log.rows.slice(eventsBefore);
        assert.deepEqual(
          events.map(({ kind, faultId, tid }) => [kind, faultId, tid]),
          ['raised', 'read', last].map((kind) => [kind, fault, events[0]!.tid]),
        );
        const [raised, read, ioctl] = events.map(({ timeNs }) => timeNs);
        assert.ok(raised! <= read! && read! < ioctl!, `${raised} ${read} ${ioctl}`);
        assert.notEqual(events[0]!.tid, 0);
        assert.equal(events[2]!.address, BigInt(memory.target.pageAt(0)));
        assert.equal(events[2]!.lengthBytes, memory.pageBytes);
        assert.equal(log.open.size, 0);
        assert.equal(memory.helper.log(memory.sessionId).gaps.length, 0);
        return { rows: log.rowCount - rowsBefore, flags: events[0]!.flags };
      }

      it('by copy, zeropage and poison', async () => {
        for (const ioctl of ['copy', 'zeropage', 'poison'] as const) {
          const memory = await start();
          await set(memory, rule(resolving(plainActions[ioctl]!)));
          assert.deepEqual(await served(memory, 'write', ioctl), { rows: 1, flags: 1n });
        }
      });

      it('by continue of a minor fault', async () => {
        const features = 'MINOR_SHMEM,MISSING_SHMEM,THREAD_ID';
        const modes = 'missing,minor';
        const memory = await start('--memory', 'shmem', '--modes', modes, '--features', features);
        await set(memory, rule(resolving(plainActions.continue!)));
        await memory.target.ask(`cache 0 1 ${cachedByte}`);
        assert.deepEqual(await served(memory, 'read', 'continue'), { rows: 1, flags: 4n });
      });

      it('by writeprotect off of a WP fault', async () => {
        const memory = await start('--modes', 'missing,wp', '--features', 'PAGEFAULT_FLAG_WP,THREAD_ID');
        const present = { kind: 'fill', byte: presentByte } as const;
        await memory.prepare(0, { ...copyAction, source: present, wp: true });
        await set(memory, rule(resolving(plainActions.unprotect!), { kinds: ['wp'] }));
        assert.deepEqual(await served(memory, 'write', 'writeprotect'), { rows: 1, flags: 3n });
      });

      it('by copy of a huge page, reported at its address', async function () {
        const reserved = reserveHugePages(2);
        if ('obstacle' in reserved) {
          console.log(`      skipped: ${reserved.obstacle}`);
          this.skip();
        }
        try {
          const memory = await start(
            '--memory',
            'hugetlb',
            '--features',
            'MISSING_HUGETLBFS,THREAD_ID',
            '--pages',
            '2',
          );
          await set(memory, rule(filling(5)));
          assert.deepEqual(await served(memory, 'read', 'copy'), { rows: 1, flags: 0n });
        } finally {
          await fixture.stop();
          reserved.giveBack();
        }
      });

      it('but not where another fault is concerned, nor for more pages than its own', async () => {
        const memory = await start('--threads', '2', '--pages', '16');
        const held = await memory.touch('read', 3);
        await set(memory, rule(filling(8)));
        const before = memory.log.rowCount;
        await touch(memory, 3, 1);
        await eventually('both faults of the page are over', () => memory.log.open.size === 0);
        await ends(memory, held.id + 1, 'copy');
        assert.equal(memory.log.rowCount - before, 3);
        await set(memory, rule(resolving(copyAction, 4)));
        await touch(memory, 4, 1);
        await ends(memory, await faultAt(memory, 4), 'copy');
        assert.equal(memory.log.rowCount - before, 6);
      });
    });

    it('copy with DONTWAKE: the page is there, the thread sleeps until a wake', async () => {
      const memory = await start();
      await set(memory, rule(resolving({ ...copyAction, dontWake: true })));
      const fault = await memory.touch('read', 0);
      await eventually(
        'the page is provided',
        () => !Number.isNaN(memory.log.open.get(fault.id)!.resolvedNs),
      );
      assert.equal(memory.bytes(0)[0], copiedByte);
      await memory.target.asleep(1);
      await memory.wake(fault);
      assert.equal((await memory.goesOn(0))['byte'], copiedByte);
    });

    it('copy of a page that is there already: a wake follows', async () => {
      const memory = await start('--threads', '8');
      await set(memory, rule(filling(6)));
      // All threads sleep at one page before the first of their faults can be read.
      const { process: helper } = memory.helper;
      helper.kill('SIGSTOP');
      await eventually('the helper stands still', () => isStopped(helper.pid!));
      for (let thread = 0; thread < 8; thread++) {
        memory.target.send(`read ${thread} 0`);
      }
      await memory.target.asleep(8);
      helper.kill('SIGCONT');
      await eventually('all threads have gone on', () => memory.target.touched.length === 8);
      assert.ok(memory.target.touched.every(({ byte }) => byte === 6));
      await ends(memory, 8, 'wake');
      const stories = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => story(memory, id).slice(2));
      assert.deepEqual(stories.shift(), [['copy', 'rule', 0]]);
      for (const rest of stories) {
        assert.deepEqual(rest, [
          ['copy', 'rule', 17],
          ['wake', 'rule', 0],
        ]);
      }
    });

    it('prefetch from the fault’s page on, inside the range', async () => {
      const memory = await start('--pages', '10');
      await set(memory, rule(resolving(copyAction, 4)));
      await touch(memory, 2);
      await touch(memory, 8);
      const copies = memory.log.rows.filter(({ kind }) => kind === 'copy');
      await ends(memory, await faultAt(memory, 8), 'copy');
      assert.ok(copies.every(({ errno }) => errno === 0));
      assert.deepEqual(
        memory.log.rows
          .filter(({ kind }) => kind === 'copy')
          .map(({ lengthBytes }) => lengthBytes / pageBytes),
        [4, 2],
      );
      for (const page of [2, 3, 4, 5, 8, 9]) {
        assert.equal(memory.bytes(page)[0], copiedByte);
      }
    });

    it('prefetch around the fault’s page, passing over what is there', async () => {
      const memory = await start('--pages', '12');
      const own = { kind: 'fill', byte: presentByte } as const;
      for (const page of [3, 7]) {
        await memory.prepare(page, { ...copyAction, source: own });
      }
      await set(memory, rule(resolving(copyAction, 7, true)));
      await touch(memory, 5);
      await ends(memory, await faultAt(memory, 5), 'copy');
      const bytes = [2, 3, 4, 5, 6, 7, 8].map((page) => memory.bytes(page)[0]);
      assert.deepEqual(bytes, [
        copiedByte,
        presentByte,
        copiedByte,
        copiedByte,
        copiedByte,
        presentByte,
        copiedByte,
      ]);
      assert.throws(() => memory.bytes(1));
      assert.throws(() => memory.bytes(9));
      const errnos = memory.log.rows.filter(({ actor }) => actor === 'rule').map(({ errno }) => errno);
      assert.ok(!errnos.includes(17), 'a page that was there got a row');
    });

    it('all of it after a delay, and not before', async () => {
      const memory = await start();
      const delayMs = 60;
      await set(
        memory,
        rule(filling(5), { ranges: [rangeOf(memory, 0)] }, delayMs),
        rule({ do: 'wake' }, { hitCondition: '1' }, 5),
      );
      assert.equal((await touch(memory, 0))['byte'], 5);
      const fault = await faultAt(memory, 0);
      await ends(memory, fault, 'copy');
      const [, read, copy] = memory.log.rows.filter((row) => row.faultId === fault);
      assert.ok(copy!.timeNs - read!.timeNs >= delayMs * 1e6, `${copy!.timeNs - read!.timeNs} ns`);
      memory.target.send('read 0 1');
      await eventually('the wake has raised it anew', () =>
        memory.log.rows.some(({ kind, actor }) => kind === 'wake' && actor === 'rule'),
      );
    });

    it('nothing after a delay about a fault that was resolved meanwhile', async () => {
      const memory = await start('--threads', '2');
      await set(memory, rule(filling(5), { ranges: [rangeOf(memory, 0, 2)] }, 2000));
      const fault = await memory.touch('read', 0);
      await memory.resolve(fault, copyAction);
      assert.equal((await memory.goesOn(0))['byte'], copiedByte);
      assert.equal((await touch(memory, 1, 1))['byte'], 5);
      await ends(memory, await faultAt(memory, 1), 'copy');
      assert.deepEqual(
        story(memory, fault.id).map(([kind, actor]) => `${kind} ${actor}`),
        ['raised kernel', 'read kernel', 'copy user'],
      );
    });
  });

  describe('match by', () => {
    it('range, kind and thread: the first that fits wins', async () => {
      const memory = await start('--pages', '8', '--threads', '3');
      const tidOfThird = async (): Promise<number> => {
        const fault = await memory.touch('read', 7, 2);
        await memory.resolve(fault, copyAction);
        return fault.tid;
      };
      const tid = await tidOfThird();
      await set(
        memory,
        rule(filling(1), { ranges: [rangeOf(memory, 0), rangeOf(memory, 2)] }),
        rule(filling(2), { thread: 'toucher-1' }),
        rule(filling(3), { thread: tid }),
        rule({ do: 'hold' }, { kinds: ['wp', 'minor'] }),
        rule(filling(4)),
      );
      const seen: unknown[] = [];
      for (const [page, thread] of [
        [0, 1],
        [1, 1],
        [2, 2],
        [3, 2],
        [4, 0],
      ] as const) {
        seen.push((await touch(memory, page, thread))['byte']);
      }
      assert.deepEqual(seen, [1, 2, 1, 3, 4]);
    });

    it('hit condition, and every rule’s hits are told', async () => {
      const memory = await start('--pages', '12');
      await set(
        memory,
        rule(filling(50), { hitCondition: '% 4' }),
        rule(filling(51), { hitCondition: '2' }),
        { ...rule(filling(53)), isEnabled: false },
        rule(filling(52)),
      );
      const seen: unknown[] = [];
      for (let page = 0; page < 12; page++) {
        seen.push((await touch(memory, page))['byte']);
      }
      assert.deepEqual(seen, [52, 51, 52, 50, 52, 52, 52, 50, 52, 52, 52, 50]);
      await eventually('the last hits are told', () => {
        const last = memory.helper.hits.at(-1);
        return last?.sessionId === memory.sessionId && last.hits.join() === '12,9,0,8';
      });
    });
  });

  describe('changed while attached', () => {
    it('act on the next fault as they are then, and leave held faults held', async () => {
      const memory = await start('--threads', '2');
      const held = await memory.touch('read', 0, 0);
      await set(memory, rule(filling(1)));
      assert.equal((await touch(memory, 1, 1))['byte'], 1);
      await set(memory, rule(filling(2)));
      assert.equal((await touch(memory, 2, 1))['byte'], 2);
      await set(memory);
      await memory.touch('read', 3, 1);
      assert.ok(memory.log.open.get(held.id));
      await memory.target.asleep(2);
    });

    it('drop actions that were waiting: their faults stay held', async () => {
      const memory = await start('--threads', '2');
      await set(memory, rule(filling(1), {}, 1000));
      const fault = await memory.touch('read', 0);
      await set(memory, rule(filling(2), { ranges: [rangeOf(memory, 1)] }, 1000));
      // The later one's delay has passed, so the earlier one's has too.
      assert.equal((await touch(memory, 1, 1))['byte'], 2);
      assert.ok(memory.log.open.get(fault.id));
      await memory.target.asleep(1);
    });

    it('are refused as a whole when one is wrong, and those before them stay', async () => {
      const memory = await start();
      await set(memory, rule(filling(8)));
      const tooLong = Buffer.alloc(pageBytes + 1).toString('base64');
      await refused(
        set(
          memory,
          rule({ do: 'hold' }),
          rule(resolving({ ...copyAction, source: { kind: 'bytes', bytes: tooLong } })),
        ),
        'badRange',
        /4097 bytes were given for a range of 4096/,
      );
      await refused(
        set(memory, rule({ do: 'hold' }, { ranges: ['0x2-0x1'] })),
        'invalidParams',
        /not a range/,
      );
      assert.equal((await touch(memory, 0))['byte'], 8);
    });
  });

  describe('from a file', () => {
    const pages = 8;
    const image = Buffer.alloc(pages * pageBytes);
    for (let page = 0; page < pages; page++) {
      image.fill(0x60 + page, page * pageBytes, (page + 1) * pageBytes);
    }
    const fileId = 5;
    const fromImage = (memory: MemoryTarget): ServingActionDto => ({
      ...copyAction,
      source: { kind: 'image', file: { fileId }, base: memory.target.pageAt(0) },
    });

    it('of the client: the fault is held until the bytes arrive', async () => {
      const memory = await start('--pages', `${pages}`, '--threads', '2');
      memory.helper.files.set(fileId, image);
      await set(memory, rule(resolving(fromImage(memory))));
      assert.deepEqual([(await touch(memory, 3))['byte'], (await touch(memory, 6, 1))['byte']], [0x63, 0x66]);
      assert.ok(memory.bytes(3).equals(image.subarray(3 * pageBytes, 4 * pageBytes)));
      assert.equal(memory.helper.fileReads.length, 1);
    });

    it('at an offset, the same for every fault', async () => {
      const memory = await start();
      memory.helper.files.set(fileId, image);
      const source = { kind: 'file', file: { fileId }, offsetBytes: 5 * pageBytes } as const;
      await set(memory, rule(resolving({ ...copyAction, source })));
      assert.deepEqual([(await touch(memory, 0))['byte'], (await touch(memory, 1))['byte']], [0x65, 0x65]);
    });

    it('that cannot be read: the faults stay held, and it is told once', async () => {
      const memory = await start('--threads', '2');
      memory.helper.files.set(fileId, () => {
        throw new Error('The disk is on fire.');
      });
      await set(memory, rule({ do: 'log' }, { kinds: ['wp'] }), rule(resolving(fromImage(memory))));
      const first = await memory.touch('read', 0, 0);
      const failure = await eventually('the failure is told', () => memory.helper.ruleFailures[0]);
      await memory.touch('read', 1, 1);
      assert.deepEqual([failure.sessionId, failure.rule, failure.faultId], [memory.sessionId, 1, first.id]);
      assert.match(failure.text, /The disk is on fire\. Fault 1 stays held\./);
      await memory.target.asleep(2);
      // With the file back, rules that are set anew ask anew.
      memory.helper.files.set(fileId, image);
      await set(memory, rule(resolving(fromImage(memory))));
      assert.equal((await memory.wake(first)).errno, undefined);
      assert.equal((await memory.goesOn(0))['byte'], 0x60);
      assert.equal(memory.helper.ruleFailures.length, 1);
    });

    it('that is too short: the fault stays held and the sentence says so', async () => {
      const memory = await start();
      memory.helper.files.set(fileId, image.subarray(0, pageBytes + 1));
      await set(memory, rule(resolving(fromImage(memory))));
      assert.equal((await touch(memory, 0))['byte'], 0x60);
      await memory.touch('read', 1);
      const failure = await eventually('the failure is told', () => memory.helper.ruleFailures[0]);
      assert.match(failure.text, /has only 4097 bytes/);
    });
  });

  it('that the kernel refuses leave the fault held and tell the errno, once', async () => {
    const memory = await start('--threads', '2');
    await set(memory, rule(resolving(plainActions.continue!)));
    const fault = await memory.touch('read', 0, 0);
    const second = await memory.touch('read', 1, 1);
    const failure = await eventually('the failure is told', () => memory.helper.ruleFailures[0]);
    assert.deepEqual([failure.rule, failure.faultId], [0, fault.id]);
    assert.match(failure.text, /UFFDIO_CONTINUE failed with EINVAL.* Fault 1 stays held\.$/);
    for (const { id } of [fault, second]) {
      assert.deepEqual(story(memory, id).at(-1), ['continue', 'rule', 22]);
    }
    assert.equal(memory.helper.ruleFailures.length, 1);
    await memory.target.asleep(2);
  });

  it('while the map is changing, an action is tried again until it succeeds', async () => {
    const memory = await start('--pages', '64', '--threads', '4', '--features', 'EVENT_REMOVE,THREAD_ID');
    await set(memory, rule(filling(1)));
    const touching = [0, 1, 2].map(async (thread) => {
      for (let page = thread; page < 60; page += 3) {
        assert.equal((await touch(memory, page, thread))['byte'], 1);
      }
    });
    for (let i = 0; i < 40; i++) {
      await memory.target.ask('drop 60 4');
    }
    await Promise.all(touching);
    await eventually('nothing is left open', () => memory.log.open.size === 0);
    assert.deepEqual(memory.helper.ruleFailures, []);
    assert.deepEqual(memory.log.gaps, []);
  });

  it('serve 8 threads without losing or reordering a row', async () => {
    const threads = 8;
    const pages = 2000;
    const target = await fixture.target('storm', '--threads', `${threads}`, '--pages', `${pages}`);
    const helper = await fixture.helper();
    const { sessionId } = await helper.attach(target.pid);
    const log = helper.log(sessionId);
    await helper.setRules(sessionId, [rule(filling(0x63))]);
    target.send('go');
    await eventually('the round ends', () => target.said('round').length === 1);
    await eventually('all is told', () => helper.hits.at(-1)?.hits[0] === threads * pages);
    await eventually(
      'the log is complete',
      () => log.open.size === 0 && log.rows.filter(({ kind }) => kind === 'read').length === threads * pages,
    );
    assert.deepEqual(log.gaps, []);
    const addresses = new Set(log.rows.filter(({ kind }) => kind === 'raised').map(({ address }) => address));
    assert.equal(addresses.size, threads * pages);
    const perThread = new Map<number, number>();
    for (const { kind, tid, timeNs } of log.rows) {
      if (kind === 'raised') {
        assert.ok(timeNs >= (perThread.get(tid) ?? 0), 'a thread’s faults are out of order');
        perThread.set(tid, timeNs);
      }
    }
    assert.equal(perThread.size, threads);
  });
});
