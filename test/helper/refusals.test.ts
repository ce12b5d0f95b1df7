import assert from 'node:assert/strict';
import { RequestType } from 'vscode-jsonrpc/node';
import { ResolveRequest, WakeRequest, type ResolveParams } from '../../native-helper/protocol/ioctls.ts';
import { ProcessListRequest } from '../../native-helper/protocol/processes.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { needs, readingBlockingUffds, readsBlockingUffds } from './kernelAbilities.ts';
import { refused } from './refused.ts';

const isRoot = process.getuid!() === 0;
const nobody = 65534;

describe('refusals: one clear error, and nothing is lost', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  describe('to attach', () => {
    it('a process that does not exist', async () => {
      const helper = await fixture.helper();
      await refused(helper.attach(0x3ffffe), 'noSuchProcess', /There is no process 4194302/);
    });

    it('a process without a uffd', async () => {
      const helper = await fixture.helper();
      await refused(helper.attach(process.pid), 'noUffd', /has no userfaultfd descriptor/);
    });

    it('a descriptor that is not a uffd', async () => {
      const target = await fixture.target('missing');
      const helper = await fixture.helper();
      await refused(
        helper.attach(target.pid, 0),
        'noUffd',
        /Descriptor 0 of process \d+ is not a userfaultfd/,
      );
    });

    it('one of several uffds without saying which', async () => {
      const target = await fixture.target('missing', '--uffds', '1');
      const helper = await fixture.helper();
      const { fd } = target.ready!;
      await refused(
        helper.attach(target.pid),
        'severalUffds',
        new RegExp(`choose descriptor ${fd} or ${fd + 1}`),
      );
      assert.equal((await helper.attach(target.pid, fd)).uffd.fd, fd);
    });

    it('a uffd that has not been through UFFDIO_API', async () => {
      const target = await fixture.target('missing', '--no-api');
      const helper = await fixture.helper();
      await refused(helper.attach(target.pid), 'apiNotDone', /UFFDIO_API/);
    });

    it('one of two attaches at once', async () => {
      const target = await fixture.target('missing');
      const helper = await fixture.helper();
      const outcomes = await Promise.allSettled([helper.attach(target.pid), helper.attach(target.pid)]);
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    });

    for (const options of [[], ['--blocking']]) {
      it(`a uffd that another debugger has taken over ${options.join('')}`, async function () {
        needs(this, options.length === 0 || readsBlockingUffds(), readingBlockingUffds);
        const target = await fixture.target('missing', ...options);
        const first = await fixture.helper();
        const { log } = await first.attachHolding(target.pid, 1);
        const second = await fixture.helper();
        await refused(second.attach(target.pid), 'alreadyAttached', /taken over by another debugger/);
        await refused(second.attach(first.guardianPids[0]!), 'alreadyAttached', /another debugger/);
        const list = await second.connection.sendRequest(ProcessListRequest, {});
        assert.ok(list.every(({ pid }) => pid !== first.pid && !first.guardianPids.includes(pid)));
        assert.equal(log.rows.length, 2, 'the first one still holds the fault');
      });
    }

    it('a uffd that is taken over already', async () => {
      const target = await fixture.target('missing');
      const helper = await fixture.helper();
      await helper.attach(target.pid);
      await refused(helper.attach(target.pid), 'alreadyAttached', /already taken over/);
    });

    it('a process that ends meanwhile, whenever it does', async () => {
      const helper = await fixture.helper();
      for (let i = 0; i < 5; i++) {
        const target = await fixture.target('missing');
        const attach = helper.attach(target.pid).then(
          ({ sessionId }) => sessionId,
          (error: unknown) => error,
        );
        setImmediate(() => target.process.kill('SIGKILL'));
        const outcome = await attach;
        if (typeof outcome === 'number') {
          await eventually('the session ends', () =>
            helper.ends.some(({ sessionId }) => sessionId === outcome),
          );
        } else {
          assert.match(
            String(outcome),
            /There is no process|has no userfaultfd|is not a userfaultfd|is over|may have ended/,
          );
        }
      }
    });

    for (const how of ['poll', 'select', 'epoll', 'nested-epoll', 'read']) {
      it(`a uffd whose handler is alive in ${how}; the handler goes on`, async function () {
        needs(this, how !== 'read' || readsBlockingUffds(), readingBlockingUffds);
        const target = await fixture.target('liveHandler', how);
        const helper = await fixture.helper();
        const syscall = how === 'nested-epoll' ? 'epoll' : how;
        await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
        await refused(
          helper.attach(target.pid),
          'handlerIsLive',
          new RegExp(
            `Thread \\d+ \\(handler\\) of process ${target.pid} waits on this userfaultfd in p?${syscall}`,
          ),
        );
        target.send('touch');
        await eventually('its handler serves a fault', () => target.touched.length === 1);
        assert.equal(target.touched[0]!.byte, 'h'.charCodeAt(0));
      });
    }

    it('a uffd whose handler is alive in another process; the handler goes on', async () => {
      const target = await fixture.target('liveHandler', 'poll', 'process');
      const helper = await fixture.helper();
      const handlerPid = await eventually('the handler waits', () => target.childWaitingInCall());
      await refused(
        helper.attach(target.pid),
        'handlerIsLive',
        new RegExp(`\\(handler\\) of process ${handlerPid} waits on this userfaultfd in poll`),
      );
      target.send('touch');
      await eventually('its handler serves a fault', () => target.touched.length === 1);
    });

    it('a uffd whose handler is alive and was stopped and continued', async () => {
      const target = await fixture.target('liveHandler', 'poll');
      const helper = await fixture.helper();
      await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
      target.process.kill('SIGSTOP');
      await eventually('it is stopped', () => target.state() === 'T');
      target.process.kill('SIGCONT');
      await eventually('it waits again', () => target.threadSleepsInCall('handler'));
      await refused(helper.attach(target.pid), 'handlerIsLive', /\(handler\).* in poll/);
    });

    if (isRoot) {
      it("another user's process: says that it is the uid", async () => {
        const target = await fixture.target('missing');
        await target.asleep(1);
        const helper = await fixture.helper(nobody);
        await refused(
          helper.attach(target.pid),
          'notPermitted',
          /runs as uid 0 and the helper as uid 65534 without CAP_SYS_PTRACE\. .*as root/,
        );
        assert.equal(target.faultCounts().pending, 1);
      });
    } else {
      it("another user's process: says that it is the uid", async () => {
        const helper = await fixture.helper();
        await refused(
          helper.attach(1),
          'notPermitted',
          /runs as uid 0 and the helper as uid \d+ without CAP_SYS_PTRACE/,
        );
      });

      it('a process that is not dumpable: says so', async () => {
        const target = await fixture.target('missing', '--not-dumpable');
        const helper = await fixture.helper();
        await refused(helper.attach(target.pid), 'notPermitted', /not dumpable.*PR_SET_DUMPABLE/);
      });
    }
  });

  describe('to resolve or wake', () => {
    async function holdingTwo() {
      const target = await fixture.target('missing', '--threads', '2', '--pages', '2');
      const helper = await fixture.helper();
      await target.asleep(2);
      const { sessionId, log } = await helper.attachHolding(target.pid, 2);
      const resolve = (change: object) =>
        helper.connection.sendRequest(ResolveRequest, {
          sessionId,
          what: { faultIds: [1] },
          lengthPages: 1,
          around: false,
          action: { ioctl: 'zeropage', dontWake: false },
          ...change,
        } as ResolveParams);
      const wake = (start: string, lengthBytes: number) =>
        helper.connection.sendRequest(WakeRequest, { sessionId, what: { start, lengthBytes } });
      const assertNothingLost = (): void => {
        assert.equal(log.open.size, 2);
        assert.equal(log.rows.length, 4, 'no ioctl was made');
        assert.equal(target.sleeping().length, 2);
      };
      const address = (offset: number): string =>
        `0x${(target.ready!.address + BigInt(offset)).toString(16)}`;
      return { target, helper, sessionId, resolve, wake, assertNothingLost, address };
    }

    it('an unknown fault, or a list that names one', async () => {
      const { resolve, assertNothingLost } = await holdingTwo();
      await refused(resolve({ what: { faultIds: [99] } }), 'noSuchFault', /Fault 99 is not open/);
      await refused(
        resolve({ what: { faultIds: [1, 2, 99] } }),
        'noSuchFault',
        /Fault 99 .* Nothing was done/,
      );
      assertNothingLost();
    });

    it('a length of zero, beyond the range, or absurd', async () => {
      const { resolve, assertNothingLost } = await holdingTwo();
      assert.equal(
        (await refused(resolve({ lengthPages: 0 }), 'invalidParams', /lengthPages/)).field,
        'lengthPages',
      );
      await refused(
        resolve({ lengthPages: 5 }),
        'badRange',
        /5 pages from 0x[0-9a-f]+ reach beyond .* at most [24]/,
      );
      await refused(resolve({ lengthPages: 2 ** 31 - 1 }), 'badRange', /beyond the end of the range/);
      await refused(resolve({ lengthPages: 1.5 }), 'invalidParams', /lengthPages/);
      assertNothingLost();
    });

    it('more bytes than the range takes', async () => {
      const { resolve, assertNothingLost } = await holdingTwo();
      const bytes = Buffer.alloc(5000, 1).toString('base64');
      const action = { ioctl: 'copy', source: { kind: 'bytes', bytes }, dontWake: false, wp: false };
      await refused(resolve({ action }), 'badRange', /5000 bytes were given for a range of 4096/);
      assertNothingLost();
    });

    it('malformed actions, naming the field', async () => {
      const { resolve, assertNothingLost } = await holdingTwo();
      const source = (bad: object) => ({
        action: { ioctl: 'copy', dontWake: false, wp: false, source: bad },
      });
      for (const [change, field] of [
        [source({ kind: 'fill', byte: 256 }), 'action.source.byte'],
        [source({ kind: 'fill', byte: '65' }), 'action.source.byte'],
        [source({ kind: 'pattern', bytes: '' }), 'action.source.bytes'],
        [source({ kind: 'bytes', bytes: '%%' }), 'action.source.bytes'],
        [source({ kind: 'file', path: '/etc/shadow' }), 'action.source.file'],
        [{ action: { ioctl: 'remap', dontWake: false } }, 'action.ioctl'],
        [{ action: { ioctl: 'move', dontWake: false, allowHoles: false } }, 'action.source'],
        [{ action: { ioctl: 'zeropage' } }, 'action.dontWake'],
        [{ what: { faultIds: [] } }, 'what.faultIds'],
        [{ what: { faultIds: [-1] } }, 'what.faultIds.0'],
        [{ what: { faultIds: 'all' } }, 'what.faultIds'],
        [{ sessionId: 'one' }, 'sessionId'],
        [{ surprise: 1 }, 'surprise'],
      ] as const) {
        const error = await refused(resolve(change), 'invalidParams', /Request field/);
        assert.equal(error.field, field);
      }
      await refused(resolve({ sessionId: 77 }), 'noSuchSession', /Session 77 is over or never was/);
      assertNothingLost();
    });

    it('a wake range that is unaligned, empty, or has nothing of ours', async () => {
      const { wake, assertNothingLost, address } = await holdingTwo();
      await refused(wake(address(1), 4096), 'badRange', /is not page-aligned/);
      await refused(wake(address(0), 0), 'badRange', /length of 0 bytes/);
      await refused(wake(address(0), 100), 'badRange', /not a whole number of pages/);
      await refused(wake('0x10000', 4096), 'badRange', /no registered range and no open fault in 0x10000/);
      await refused(wake('twelve', 4096), 'invalidParams', /what/);
      assertNothingLost();
    });

    it('a fault whose page has been unmapped; waking it still works', async () => {
      const target = await fixture.target('missing', '--pages', '1');
      const helper = await fixture.helper();
      const { sessionId } = await helper.attachHolding(target.pid, 1);
      target.send('unmap');
      await eventually(
        'the range is gone',
        () => !new RegExp(`^0*${target.ready!.address.toString(16)}-`, 'm').test(target.maps()),
      );
      await refused(
        helper.resolve(sessionId, { faultIds: [1] }, { ioctl: 'zeropage', dontWake: false }),
        'badRange',
        /no registered range any more|UFFDIO/,
      );
      const exit = new Promise((resolve) => target.process.once('exit', (_code, signal) => resolve(signal)));
      await helper.connection.sendRequest(WakeRequest, { sessionId, what: { faultIds: [1] } });
      assert.equal(await exit, 'SIGSEGV');
    });

    it('requests that are not of the protocol leave the helper and its faults alone', async () => {
      const { helper, sessionId, assertNothingLost, resolve } = await holdingTwo();
      for (const [method, params] of [
        ['session/attach', null],
        ['session/attach', { pid: 'init' }],
        ['session/attach', { pid: -1 }],
        ['session/detach', {}],
        ['fault/wake', { sessionId, what: {} }],
        ['fault/resolve', 'everything'],
        ['no/such/method', {}],
        ['process/list', { partialResultToken: 5 }],
      ] as const) {
        await assert.rejects(
          helper.connection.sendRequest(new RequestType<unknown, unknown, void>(method), params),
        );
      }
      assertNothingLost();
      assert.equal((await resolve({})).results[0]!.errno, undefined);
    });
  });
});
