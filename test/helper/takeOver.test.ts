import assert from 'node:assert/strict';
import type { PageSourceDto } from '../../native-helper/protocol/files.ts';
import { DetachRequest } from '../../native-helper/protocol/session.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { needs, readingBlockingUffds, readsBlockingUffds } from './kernelAbilities.ts';

/** The fault read first. */
const first = { faultIds: [1] };
const fillWith = (byte: number) =>
  ({ ioctl: 'copy', source: { kind: 'fill', byte }, dontWake: false, wp: false }) as const;

describe('take over of a real target', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  async function attached(held: number, ...options: string[]) {
    const target = await fixture.target('missing', ...options);
    const helper = await fixture.helper();
    await target.asleep(held);
    const session = await helper.attachHolding(target.pid, held);
    return { target, helper, session, sessionId: session.sessionId, log: session.log };
  }

  const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');

  it('holds the fault of one thread and says who faulted where', async () => {
    const { target, session, log } = await attached(1);
    const [fault] = [...log.open.values()];
    assert.equal(fault!.address, target.ready!.address);
    assert.deepEqual([fault!.tid], target.sleeping());
    assert.deepEqual(target.faultCounts(), { pending: 0, total: 1 });
    assert.equal(session.comm, 'missing');
    assert.deepEqual(
      session.ranges.map(({ start, lengthBytes, modes, pageBytes }) => ({
        start,
        lengthBytes,
        modes,
        pageBytes,
      })),
      [
        {
          start: `0x${target.ready!.address.toString(16)}`,
          lengthBytes: target.ready!.pages * 4096,
          modes: ['MISSING'],
          pageBytes: 4096,
        },
      ],
    );
  });

  it('resolves every fault of 8 threads by hand and the threads see the bytes', async () => {
    const { target, helper, sessionId, log } = await attached(8, '--threads', '8', '--pages', '3');
    const resolved = new Set<number>();
    while (target.finished < 8) {
      const ids = await eventually('a fault to resolve, or the end', () => {
        const open = [...log.open.values()].map(({ id }) => id).filter((id) => !resolved.has(id));
        return (open.length > 0 || target.finished === 8) && open;
      });
      if (ids.length > 0) {
        const { results } = await helper.resolve(sessionId, { faultIds: ids }, fillWith(0x5a));
        assert.deepEqual(
          results.map(({ errno, out }) => ({ errno, out })),
          ids.map(() => ({ errno: undefined, out: '4096' })),
        );
        ids.forEach((id) => resolved.add(id));
      }
    }
    assert.equal(resolved.size, 24);
    assert.equal(target.touched.length, 24);
    assert.ok(target.touched.every(({ byte }) => byte === 0x5a));
    assert.deepEqual(log.gaps, []);
    assert.equal(new Set(log.rows.filter(({ kind }) => kind === 'raised').map(({ tid }) => tid)).size, 8);
  });

  const sources: [string, Extract<PageSourceDto, { kind: 'fill' | 'pattern' | 'bytes' }>, number][] = [
    ['a fill byte', { kind: 'fill', byte: 255 }, 255],
    ['a repeated pattern', { kind: 'pattern', bytes: base64('xyz') }, 'x'.charCodeAt(0)],
    ['given bytes', { kind: 'bytes', bytes: base64('Q') }, 'Q'.charCodeAt(0)],
  ];
  for (const [name, source, expected] of sources) {
    it(`copies ${name}`, async () => {
      const { target, helper, sessionId } = await attached(1, '--pages', '1');
      const memory = target.ready!.address;
      await helper.resolve(sessionId, first, { ioctl: 'copy', source, dontWake: false, wp: false });
      await eventually('the thread goes on', () => target.finished === 1);
      assert.deepEqual(
        target.touched.map(({ byte }) => byte),
        [expected],
      );
      const page = target.readMemory(memory, 4096);
      const given = source.kind === 'fill' ? Buffer.from([source.byte]) : Buffer.from(source.bytes, 'base64');
      const whole = Buffer.alloc(4096, source.kind === 'bytes' ? 0 : given);
      if (source.kind === 'bytes') {
        given.copy(whole);
      }
      assert.deepEqual(page, whole);
    });
  }

  for (const ioctl of ['copy', 'zeropage'] as const) {
    it(`${ioctl} with DONTWAKE leaves the thread asleep until a separate wake`, async () => {
      const { target, helper, sessionId, log } = await attached(1, '--pages', '1');
      const action =
        ioctl === 'copy' ? { ...fillWith(7), dontWake: true } : ({ ioctl, dontWake: true } as const);
      const {
        results: [asleep],
      } = await helper.resolve(sessionId, first, action);
      assert.ok(asleep!.offersWake);
      assert.equal(target.sleeping().length, 1);
      assert.ok(!Number.isNaN(log.open.get(1)!.resolvedNs));
      const {
        failed,
        results: [again],
      } = await helper.resolve(sessionId, first, action);
      assert.equal(failed, 1);
      assert.ok(again!.offersWake);
      assert.equal(again!.errno, 'EEXIST');
      assert.equal(again!.out, '-17');
      assert.match(again!.text, /nobody was woken/);
      assert.equal(target.sleeping().length, 1);
      assert.equal(target.touched.length, 0);
      await helper.wake(sessionId, first);
      await eventually('the thread goes on', () => target.finished === 1);
      assert.equal(target.touched[0]!.byte, ioctl === 'copy' ? 7 : 0);
      assert.equal(log.open.size, 0);
    });
  }

  it('resolves several pages from a fault on with one ioctl', async () => {
    const { target, helper, sessionId } = await attached(1, '--pages', '5', '--write');
    const {
      results: [result],
    } = await helper.resolve(sessionId, first, fillWith(3), { lengthPages: 5 });
    assert.equal(result!.doneBytes, 5 * 4096);
    await eventually('the thread goes on', () => target.finished === 1);
    assert.equal(target.touched.filter(({ byte }) => byte === 3).length, 5);
  });

  it('wakes a range without resolving: its threads fault again', async () => {
    const { target, helper, sessionId, log } = await attached(2, '--threads', '2');
    await helper.wake(sessionId, {
      start: `0x${target.ready!.address.toString(16)}`,
      lengthBytes: target.ready!.pages * 4096,
    });
    await eventually(
      'two new faults are held',
      () => log.open.get(3) !== undefined && log.open.get(4) !== undefined,
    );
    assert.equal(log.open.size, 2);
    assert.equal(target.touched.length, 0);
  });

  it('serves every further fault by a rule on the reader thread', async () => {
    const target = await fixture.target('storm', '--threads', '4', '--pages', '512');
    const helper = await fixture.helper();
    const { sessionId } = await helper.attach(target.pid);
    await helper.setRules(sessionId, [
      {
        name: '',
        isEnabled: true,
        match: {},
        action: { do: 'resolve', action: fillWith(9), lengthPages: 1, around: false },
        delayMs: 0,
      },
    ]);
    target.send('go');
    await eventually('the round ends', () => target.events.some(({ event }) => event === 'round'));
    const log = helper.log(sessionId);
    await eventually(
      'all rows have come',
      () => log.rows.filter(({ kind }) => kind === 'copy').length >= 2048,
    );
    assert.equal(log.open.size, 0);
    assert.deepEqual(log.gaps, []);
    assert.ok(
      log.rows
        .filter(({ kind }) => kind === 'copy')
        .every(({ actor, errno }) => actor === 'rule' && errno === 0),
    );
    assert.deepEqual(target.readMemory(target.ready!.address, 16), Buffer.alloc(16, 9));
  });

  it('reads a blocking uffd without changing its flags', async function () {
    needs(this, readsBlockingUffds(), readingBlockingUffds);
    const target = await fixture.target('missing', '--blocking', '--pages', '1');
    const flags = (): string => /^flags:\s*(\d+)/m.exec(target.fdinfo())![1]!;
    const before = flags();
    const helper = await fixture.helper();
    const session = await helper.attachHolding(target.pid, 1);
    assert.equal(session.uffd.isBlocking, true);
    assert.equal(flags(), before);
    await helper.resolve(session.sessionId, first, { ioctl: 'zeropage', dontWake: false });
    await eventually('the thread goes on', () => target.finished === 1);
    await helper.connection.sendRequest(DetachRequest, { sessionId: session.sessionId });
    assert.equal(flags(), before);
  });

  it('holds a fault that a hung handler had read and never resolved', async function () {
    needs(this, readsBlockingUffds(), readingBlockingUffds);
    const target = await fixture.target('liveHandler', 'hung');
    target.send('touch');
    await eventually('the handler has read the fault', () => {
      const { pending, total } = target.faultCounts();
      return pending === 0 && total === 1;
    });
    const helper = await fixture.helper();
    const { sessionId } = await helper.attachHolding(target.pid, 1);
    const [fault] = [...helper.log(sessionId).open.values()];
    await helper.resolve(sessionId, { faultIds: [fault!.id] }, fillWith(4));
    await eventually('the thread goes on', () => target.touched.length === 1);
    assert.equal(target.touched[0]!.byte, 4);
  });

  it('names the threads that fault', async () => {
    const target = await fixture.target('missing', '--threads', '2');
    const helper = await fixture.helper();
    await target.asleep(2);
    await helper.attachHolding(target.pid, 2);
    await eventually('both threads are named', () => helper.threads.length === 2);
    assert.deepEqual(helper.threads.map(({ comm }) => comm).sort(), ['toucher-0', 'toucher-1']);
    assert.deepEqual(helper.threads.map(({ tid }) => tid).sort(), target.sleeping().sort());
  });

  it('logs remap, unmap and remove events and lets their threads go on', async () => {
    const target = await fixture.target('events');
    const helper = await fixture.helper();
    const { sessionId } = await helper.attach(target.pid);
    const log = helper.log(sessionId);
    const address = target.ready!.address;
    for (const [command, expected] of [
      ['remove', { kind: 'remove', address, lengthBytes: 4096 }],
      ['unmap', { kind: 'unmap', address: address + 0x3000n, lengthBytes: 4096 }],
      ['remap', { kind: 'remap', address, lengthBytes: 4096 }],
    ] as const) {
      target.send(command);
      await eventually(`${command} is done`, () => target.events.some(({ event }) => event === command));
      const row = await eventually(`the ${command} row`, () =>
        log.rows.find(({ kind }) => kind === expected.kind),
      );
      assert.deepEqual({ kind: row.kind, address: row.address, lengthBytes: row.lengthBytes }, expected);
    }
    const remap = log.rows.find(({ kind }) => kind === 'remap')!;
    const moved = target.events.find(({ event }) => event === 'remap')!['address'] as string;
    assert.equal(`0x${remap.out.toString(16)}`, moved);
  });
});
