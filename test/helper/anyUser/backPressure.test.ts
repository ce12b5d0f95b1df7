/** Rows that nobody takes while a target faults at full speed: the target is served, and memory stays bounded. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Pagemap } from '../../../native-helper/inspect/pagemap.ts';
import { mostUnacknowledgedRows } from '../../../native-helper/capture/rowStream.ts';
import type { RuleDto } from '../../../native-helper/protocol/rules.ts';
import { kindCode } from '../../../native-helper/log/eventRows.ts';
import { isServed } from '../../../native-helper/log/servedRows.ts';
import { unpackRows } from '../../../native-helper/log/packedRows.ts';
import { OpenFaults } from '../../../native-helper/log/openFaults.ts';
import { eventually } from '../eventually.ts';
import { Fixture } from '../fixture.ts';
import type { HelperProcess } from '../helperProcess.ts';
import { copyAction } from '../memoryTarget.ts';
import { filling, rule } from '../ruleBuilders.ts';
import type { TargetProcess } from '../targetProcess.ts';

const threads = 4;
const pagesPerRound = 131_072;
const rounds = 8;
const heldPage = 5;

/** What the rows of a session tell, without keeping them. */
class Tally {
  readonly open = new OpenFaults();
  served = 0;
  lost = 0;
  /** Faults that took ordinary rows. */
  raised = 0;
  lostRows = 0;
  private nextSequence = 1;

  take(batch: ArrayBuffer): void {
    const rows = unpackRows(batch);
    assert.equal(rows.firstSequence, this.nextSequence, 'the log has no hole');
    this.nextSequence += rows.count;
    this.open.fold(rows);
    for (let i = 0; i < rows.count; i++) {
      if (isServed(rows, i)) {
        this.served++;
      } else if (rows.kind[i] === kindCode.lost) {
        this.lost += Number(rows.out[i]!);
        this.lostRows++;
      } else if (rows.kind[i] === kindCode.raised) {
        this.raised++;
      }
    }
  }

  get faults(): number {
    return this.served + this.lost + this.raised;
  }
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) * 1024;
}

describe('rows that nobody takes', function () {
  this.timeout(120_000);
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  /** A target whose faults are served by rule, after `rules`, but for one in its last round, which is held. */
  async function start(...rules: RuleDto[]) {
    const target = await fixture.target(
      'storm',
      '--threads',
      `${threads}`,
      '--pages',
      `${pagesPerRound / threads}`,
    );
    const helper = await fixture.helper();
    const tally = new Tally();
    helper.onRows = (_sessionId, batch) => tally.take(batch);
    const { sessionId } = await helper.attach(target.pid);
    const address = target.ready!.address + BigInt(heldPage * 4096);
    const range = `0x${address.toString(16)}-0x${(address + 4096n).toString(16)}`;
    await helper.setRules(sessionId, [
      rule({ do: 'hold' }, { ranges: [range], hitCondition: `>= ${rounds}` }),
      ...rules,
      rule(filling(7)),
    ]);
    return { target, helper, tally, sessionId, address };
  }

  /** All rounds but the last to their end, and the last as far as it comes. @returns most memory the helper had */
  async function runRounds(target: TargetProcess, helper: HelperProcess): Promise<number> {
    let most = 0;
    for (let round = 1; round < rounds; round++) {
      target.send('go');
      await eventually(`round ${round} ends`, () => target.said('round').length === round, 30_000);
      most = Math.max(most, residentBytes(helper.pid));
    }
    target.send('go');
    await target.asleep(1);
    return most;
  }

  /** The fault that is held gets its page, and the last round ends. */
  async function finish({ target, helper, tally, sessionId, address }: Awaited<ReturnType<typeof start>>) {
    const held = await eventually('the held fault is told', () =>
      [...tally.open.values()].find((fault) => fault.address === address),
    );
    await helper.resolve(sessionId, { faultIds: [held.id] }, copyAction);
    await eventually('the last round ends', () => target.said('round').length === rounds, 30_000);
    await eventually('every fault is told', () => tally.faults === rounds * pagesPerRound);
    assert.equal(tally.open.size, 0);
    assert.ok(tally.lost > 0 && tally.lostRows >= 1, `${tally.lostRows} rows for ${tally.lost} faults`);
  }

  /** The client takes nothing until the last round: memory stays bounded, and it learns of all in the end. */
  async function standStillAndFinish(started: Awaited<ReturnType<typeof start>>): Promise<void> {
    const { target, helper } = started;
    const before = residentBytes(helper.pid);
    helper.standStill();
    const grown = (await runRounds(target, helper)) - before;
    console.log(`      the helper grew by ${Math.round(grown / 2 ** 20)} MiB`);
    assert.ok(grown < 160 * 2 ** 20, `${grown} bytes`);
    helper.goOn();
    await finish(started);
  }

  /** Each served fault took one row. */
  function assertServedAreRows({ served, raised }: Tally): void {
    // Those read together with the held one take ordinary rows as well.
    assert.ok(raised >= 1 && raised <= threads, `${raised} in ordinary rows`);
    // The client was given as many as may be under way, and those of the last round after it went on.
    assert.ok(served < mostUnacknowledgedRows + 2 * pagesPerRound, `${served} served`);
  }

  it('because the client stands still: served faults are counted, the held one is told', async () => {
    const started = await start();
    await standStillAndFinish(started);
    assertServedAreRows(started.tally);
  });

  it('because the client stands still, when each fault takes several rows', async () => {
    const started = await start(rule({ do: 'log' }));
    await standStillAndFinish(started);
    assert.equal(started.tally.served, 0);
  });

  it('because the client stands still, and then the helper is killed: the held fault is handed back', async () => {
    const { target, helper } = await start();
    helper.standStill();
    await runRounds(target, helper);
    await eventually('all other faults of the last round are served', () => allServedButTheHeldOne(target));
    const exit = once(helper.process, 'exit');
    helper.process.kill('SIGKILL');
    await exit;
    await eventually('the held fault is queued again', () => {
      const { pending, total } = target.faultCounts();
      return pending === 1 && total === 1;
    });
    // And whoever reads next ends the round.
    const next = await fixture.helper();
    await next.attachWith({ pid: target.pid, rules: [rule(filling(7))] });
    await eventually('the last round ends', () => target.said('round').length === rounds, 30_000);
    assert.deepEqual(target.sleeping(), []);
    await eventually('the guardians have ended', () => helper.guardianPids.length === 0);
  });

  /** Whether one fault is read and not answered, and every other page of the target is there. */
  function allServedButTheHeldOne(target: TargetProcess): boolean {
    const { pending, total } = target.faultCounts();
    if (pending !== 0 || total !== 1) {
      return false;
    }
    const pagemap = new Pagemap('/proc', target.pid);
    const pages = pagemap.entries(Number(target.ready!.address), pagesPerRound);
    pagemap.close();
    // The thread that is held has yet to come to the pages behind.
    const isThere = (page: number): boolean => pages[page]!.content === 'present';
    const others = [...pages.keys()].filter((page) => page < heldPage || page >= pagesPerRound / threads);
    return !isThere(heldPage) && others.every(isThere);
  }

  it('because the main thread of the helper stands still', async () => {
    const started = await start();
    const { target, helper, tally } = started;
    const before = residentBytes(helper.pid);
    const tracer = await fixture.target('tracer', `${helper.pid}`, 'stop');
    const grown = (await runRounds(target, helper)) - before;
    console.log(`      the helper grew by ${Math.round(grown / 2 ** 20)} MiB`);
    assert.ok(grown < 160 * 2 ** 20, `${grown} bytes`);
    await tracer.stop();
    await finish(started);
    assertServedAreRows(tally);
  });
});
