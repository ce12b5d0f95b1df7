/** What a rule must never do: wake for ever, or leave a thread asleep that the log calls gone, or the other way round. */
import assert from 'node:assert/strict';
import { SetRulesRequest } from '../../native-helper/protocol/rules.ts';
import { AttachRequest } from '../../native-helper/protocol/session.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { MemoryTarget, plainActions, presentByte } from './memoryTarget.ts';
import { refused } from './refused.ts';
import { filling, resolving, rule } from './ruleBuilders.ts';

describe('a rule for every fault', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  it('holds a WP fault that its COPY cannot resolve, and says so once', async () => {
    const memory = await MemoryTarget.start(
      fixture,
      ...['--modes', 'missing,wp', '--populate', String(presentByte)],
    );
    await memory.helper.resolve(memory.sessionId, memory.pages(0, 1), plainActions.protect!);
    await memory.helper.setRules(memory.sessionId, [rule(filling(9))]);
    memory.target.send('write 0 0');
    await eventually('the failure is told', () => memory.helper.ruleFailures.length === 1);
    assert.match(memory.helper.ruleFailures[0]!.text, /EEXIST/);
    const held = await eventually('the fault is held', () => [...memory.log.open.values()][0]);
    await memory.helper.preflight(memory.sessionId, { faultIds: [held.id] });
    assert.equal(memory.log.rows.filter(({ kind }) => kind === 'copy').length, 1);
    await memory.resolve(held, plainActions.unprotect!);
    await memory.goesOn(0);
  });

  it('holds a missing fault that WRITEPROTECT off would only raise again', async () => {
    const memory = await MemoryTarget.start(fixture, '--modes', 'missing,wp');
    await memory.helper.setRules(memory.sessionId, [rule(resolving(plainActions.unprotect!))]);
    memory.target.send('read 0 0');
    await eventually('the failure is told', () => memory.helper.ruleFailures.length === 1);
    assert.match(memory.helper.ruleFailures[0]!.text, /resolves WP faults only/);
    const held = await eventually('the fault is held', () => [...memory.log.open.values()][0]);
    await memory.resolve(held, plainActions.zeropage!);
    assert.equal(memory.log.rows.filter(({ kind }) => kind === 'raised').length, 1);
    await memory.goesOn(0);
  });

  it('is refused with more pages than one turn should provide', async () => {
    const memory = await MemoryTarget.start(fixture);
    const { connection } = memory.helper;
    const rules = [rule(resolving(plainActions.zeropage!, 1025, true))];
    const request = connection.sendRequest(SetRulesRequest, { sessionId: memory.sessionId, rules });
    await refused(request, 'invalidParams', /rules\.0\.action\.lengthPages/);
  });
});

describe('a rule for one of two threads on a page', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  for (const thread of ['toucher-0', 'toucher-1']) {
    it(`(${thread}) wakes both, and the log knows that both went on`, async () => {
      const target = await fixture.target('memory', '--threads', '2');
      target.send('read 0 0');
      await target.asleep(1);
      target.send('read 1 0');
      await target.asleep(2);
      const helper = await fixture.helper();
      const { sessionId } = await helper.connection.sendRequest(AttachRequest, {
        pid: target.pid,
        rules: [rule(filling(9), { thread })],
      });
      await eventually('both threads went on', () => target.touched.length === 2);
      const log = helper.log(sessionId);
      await eventually('both faults are over in the log', () => log.rows.length > 0 && log.open.size === 0);
      assert.deepEqual(target.faultCounts(), { pending: 0, total: 0 });
    });
  }
});
