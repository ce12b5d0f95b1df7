/** What older kernels lack: refused in words there, done where the kernel can. */
import assert from 'node:assert/strict';
import type { FaultKind } from '../../native-helper/rules/faultRule.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { hasFeature, readsBlockingUffds } from './kernelAbilities.ts';
import { refused } from './refused.ts';

describe('kernels differ', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  it('a blocking uffd is taken over, or refused with what the kernel answers', async () => {
    const target = await fixture.target('missing', '--blocking', '--pages', '1');
    const helper = await fixture.helper();
    await target.asleep(1);
    if (readsBlockingUffds()) {
      const { log } = await helper.attachHolding(target.pid, 1);
      assert.equal(log.open.size, 1);
    } else {
      await refused(
        helper.attach(target.pid),
        'kernelTooOld',
        /blocking \(no O_NONBLOCK\).*preadv2 with RWF_NOWAIT answers EOPNOTSUPP\. Use kernel 6\.10 or newer/,
      );
      assert.deepEqual(target.faultCounts(), { pending: 1, total: 1 });
    }
  });

  it('POISON kills the thread that touches the page, or is refused in words before and by the ioctl', async () => {
    const target = await fixture.target('missing', '--pages', '1');
    const helper = await fixture.helper();
    const { sessionId, log } = await helper.attachHolding(target.pid, 1);
    const offer = (await helper.preflight(sessionId, { faultIds: [1] })).offers.find(
      ({ id }) => id === 'poison',
    )!;
    const { results } = await helper.resolve(
      sessionId,
      { faultIds: [1] },
      { ioctl: 'poison', dontWake: false },
    );
    if (hasFeature('POISON')) {
      assert.equal(offer.obstacle, '');
      assert.equal(results[0]!.errno, undefined);
      await eventually('the target is killed', () => target.process.signalCode === 'SIGBUS');
    } else {
      assert.match(offer.obstacle, /this kernel has no POISON/);
      assert.match(results[0]!.errno!, /^(EINVAL|ENOTTY)$/);
      assert.match(results[0]!.text, /UFFDIO_POISON failed with \w+.*: .*\w.*\.$/);
      assert.equal(log.open.size, 1);
      assert.equal(target.sleeping().length, 1);
    }
  });

  it('MOVE is not offered without a frozen thread, and the reason is the kernel where it has none', async () => {
    const target = await fixture.target('missing', '--pages', '1');
    const helper = await fixture.helper();
    const { sessionId } = await helper.attachHolding(target.pid, 1);
    const { offers } = await helper.preflight(sessionId, { faultIds: [1] });
    const { obstacle } = offers.find(({ id }) => id === 'move')!;
    assert.notEqual(obstacle, '');
    assert.equal(obstacle.includes('this kernel'), !hasFeature('MOVE'), obstacle);
  });

  it('a rule can ask for what the kernel lacks: the fault is held and the rule says why', async () => {
    const target = await fixture.target('storm', '--threads', '1', '--pages', '1');
    const helper = await fixture.helper();
    const { sessionId } = await helper.attach(target.pid);
    const kinds: FaultKind[] = ['missing'];
    const action = {
      do: 'resolve',
      action: { ioctl: 'poison', dontWake: false },
      lengthPages: 1,
      around: false,
    } as const;
    await helper.setRules(sessionId, [{ name: '', isEnabled: true, match: { kinds }, action, delayMs: 0 }]);
    target.send('go');
    if (hasFeature('POISON')) {
      await eventually('the target is killed', () => target.process.signalCode === 'SIGBUS');
    } else {
      await eventually('the rule fails', () => helper.ruleFailures.length > 0);
      assert.match(helper.ruleFailures[0]!.text, /POISON/);
      await eventually('the fault is held', () => helper.log(sessionId).open.size === 1);
    }
  });
});
