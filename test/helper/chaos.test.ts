/**
 * Nobody stranded, whatever dies: targets under load are attached to, and the helper, its guardians,
 * its client, the target and the handler's process are killed at random moments, alone and in quick
 * succession. Afterwards every thread of every survivor goes on, nothing is stopped or traced, and
 * nothing of ours is left.
 *
 * `UFFD_CHAOS_SEED` repeats the choices of a run.
 */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { ResponseError } from 'vscode-jsonrpc';
import { readUffd } from '../../native-helper/inspect/descriptors.ts';
import { findHolders } from '../../native-helper/inspect/holders.ts';
import { procRoot } from '../../native-helper/inspect/procFile.ts';
import { helperErrorCode } from '../../native-helper/protocol/errors.ts';
import { timeFactor } from '../rings/timeFactor.ts';
import { SeededRandom } from '../unit/helper/seededRandom.ts';
import { chaosLayouts, ChaosTarget } from './chaosTarget.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { guardiansOf } from './guardiansOf.ts';
import type { HelperProcess } from './helperProcess.ts';
import { isRunning, stoppedOrTraced } from './processTasks.ts';
import { holdsUffd } from './targetProcess.ts';

const isRoot = process.getuid!() === 0;
const seed = Number(process.env['UFFD_CHAOS_SEED'] ?? Date.now() % 1_000_000);
const lanes = 4;
const roundsPerLane = isRoot ? 36 : 12;
/** Fork events need CAP_SYS_PTRACE. */
const layouts = isRoot ? chaosLayouts : chaosLayouts.filter((layout) => layout !== 'forks');

const victims = ['helper', 'guardian 1', 'guardian 2', 'client', 'target', 'handler'] as const;
type Victim = (typeof victims)[number];
/** With these nobody is left who could hand back. */
const allOfOurs = ['guardian 1', 'guardian 2', 'helper'] as const;

interface Kill {
  readonly victim: Victim;
  /** After the kill before it; the first, after attaching began or was answered. */
  readonly delayMs: number;
  /** It is stopped first, and stands still for this long. */
  readonly stoppedMs: number | undefined;
}

interface Plan {
  /** The first is killed once attaching was answered, not while it is under way. */
  readonly isAfterAttach: boolean;
  readonly kills: readonly Kill[];
}

/** From the last kill until no thread was asleep because of us any more. */
const handBacksMs: number[] = [];
/** Rounds in which all of ours died at once, and Inspect found whom they had left. */
let foundByInspect = 0;

describe('whatever is killed, in whatever order', function () {
  this.timeout(300_000 * timeFactor);

  after(() => {
    handBacksMs.sort((a, b) => a - b);
    const percentile = (part: number): string =>
      (handBacksMs[Math.floor(handBacksMs.length * part)] ?? 0).toFixed(0);
    console.log(
      `      seed ${seed}: all awake after ${percentile(0.5)} ms (p50), ${percentile(0.95)} ms (p95); ` +
        `${foundByInspect} times Inspect found threads whom all of ours had left`,
    );
  });

  it(`nobody is stranded, in ${lanes * roundsPerLane} rounds`, async () => {
    await Promise.all(Array.from({ length: lanes }, (_, lane) => new Lane(lane).run()));
  });
});

/** Rounds one after the other, beside those of other lanes. */
class Lane {
  private readonly lane: number;
  private readonly random: SeededRandom;
  private readonly lasting = new Fixture();
  private helper: HelperProcess | undefined;

  constructor(lane: number) {
    this.lane = lane;
    this.random = new SeededRandom(seed * lanes + lane);
  }

  async run(): Promise<void> {
    // Comes after the killed ones, and must be able to attach to whatever they have left.
    const next = await this.lasting.helper();
    for (let round = 1; round <= roundsPerLane; round++) {
      const plan = this.choosePlan();
      const chosen = Array.from({ length: 1 + this.random.below(2) }, () => this.random.pick(layouts));
      const fixture = new Fixture();
      try {
        await this.round(fixture, next, chosen, plan);
      } catch (error) {
        const what = `${chosen.join(' and ')}; ${inWords(plan)}`;
        throw new Error(`seed ${seed}, lane ${this.lane}, round ${round} (${what})`, { cause: error });
      } finally {
        await fixture.stop();
      }
      await nothingIsHeld('after the targets have ended', next);
    }
    await this.lasting.stop();
  }

  private choosePlan(): Plan {
    const isAfterAttach = this.random.below(2) === 0;
    const firstDelayMs = this.random.below(isAfterAttach ? 60 : 400);
    if (isAfterAttach && this.random.below(6) === 0) {
      return {
        isAfterAttach,
        kills: allOfOurs.map((victim, i) => killing(victim, i === 0 ? firstDelayMs : 0)),
      };
    }
    const left: Victim[] = [...victims];
    const kills = Array.from({ length: 1 + this.random.below(4) }, (_, i) => {
      const victim = left.splice(this.random.below(left.length), 1)[0]!;
      const delayMs = i === 0 ? firstDelayMs : this.random.pick([0, 0, 1, 3, 10, 40]);
      const isStopped = victim !== 'client' && this.random.below(8) === 0;
      return killing(victim, delayMs, isStopped ? this.random.below(20) : undefined);
    });
    return { isAfterAttach, kills };
  }

  private async round(
    fixture: Fixture,
    next: HelperProcess,
    chosen: readonly ChaosTarget['layout'][],
    { isAfterAttach, kills }: Plan,
  ): Promise<void> {
    const helper = (this.helper ??= await this.lasting.helper());
    const targets = await Promise.all(chosen.map((layout) => ChaosTarget.start(fixture, layout)));
    const attaching = Promise.allSettled(targets.map((target) => attach(helper, target)));
    if (isAfterAttach) {
      await attaching;
    }
    const killed = new Set<Victim>();
    let hasHandlerLostFaults = false;
    for (const kill of kills) {
      if (kill.delayMs > 0) {
        await setTimeout(kill.delayMs);
      }
      if (kill.victim === 'handler') {
        hasHandlerLostFaults = isServing(targets[0]!, helper, killed);
      }
      await doKill(kill, helper, targets[0]!);
      killed.add(kill.victim);
    }
    const killedMs = performance.now();
    // What its own handler took with it was never ours to hand back.
    const held = targets.slice(hasHandlerLostFaults ? 1 : 0).filter(isInOurHands);
    const areAllKilled = allOfOurs.every((one) => killed.has(one));

    if (killed.has('helper') || killed.has('client')) {
      this.helper = undefined;
      if (!areAllKilled) {
        await Promise.all(held.map((target) => isLetGo(target, killedMs)));
      }
      await eventually('the helper has ended', () => !isRunning(helper.pid));
      await eventually('its guardians have ended', () => guardiansOf(helper.pid).length === 0);
      // Rejects what was never answered.
      helper.connection.dispose();
      await attaching;
    } else {
      await this.detachAll(helper, await attaching);
    }

    const [first] = targets;
    if (killed.has('handler') && first!.handlerPid !== undefined) {
      await eventually('the handler’s process has ended', () => !isRunning(first!.handlerPid!));
    }
    const survivors = killed.has('target') ? targets.slice(1) : targets;
    for (const target of survivors) {
      await eventually('nothing is stopped or traced', () => !isStoppedOrTraced(target));
    }
    if (areAllKilled) {
      await wakeStranded(next, survivors);
    }
    for (const target of survivors) {
      const isHandlerAlive = target.handlerPid !== undefined && isRunning(target.handlerPid);
      const params = target.nextAttach(isHandlerAlive);
      if (params !== undefined) {
        await next.attachWith(params);
      }
      await target.finished();
    }
  }

  /** Ends all sessions of a helper that has survived, which then has nothing of them left. */
  private async detachAll(
    helper: HelperProcess,
    attached: readonly PromiseSettledResult<number>[],
  ): Promise<void> {
    for (const result of attached) {
      // Whatever died meanwhile, the helper says why it could not attach.
      assert.ok(result.status === 'fulfilled' || isRefusal(result.reason), 'it says why not');
    }
    const sessionIds = attached.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    await eventually('no session is left', () => {
      for (const id of [
        ...sessionIds.splice(0),
        ...helper.forks.splice(0).map(({ session }) => session.sessionId),
      ]) {
        helper.detach(id, true).catch((error: unknown) => assert.ok(isRefusal(error), String(error)));
      }
      return !holdsUffd(helper.pid);
    });
    await nothingIsHeld('after all sessions have ended', helper);
  }
}

/** @returns the session's id */
async function attach(helper: HelperProcess, target: ChaosTarget): Promise<number> {
  const { sessionId } = await helper.attachWith(target.attaching);
  target.onAttached();
  return sessionId;
}

async function doKill(
  { victim, stoppedMs }: Kill,
  helper: HelperProcess,
  target: ChaosTarget,
): Promise<void> {
  if (victim === 'client') {
    helper.leave();
    return;
  }
  const pid = pidOf(victim, helper, target);
  if (pid === undefined) {
    return;
  }
  try {
    if (stoppedMs !== undefined) {
      process.kill(pid, 'SIGSTOP');
      await setTimeout(stoppedMs);
    }
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself, because of an earlier kill.
  }
}

function pidOf(
  victim: Exclude<Victim, 'client'>,
  helper: HelperProcess,
  target: ChaosTarget,
): number | undefined {
  switch (victim) {
    case 'helper':
      return helper.pid;
    case 'guardian 1':
      return helper.guardianPids[0];
    case 'guardian 2':
      return helper.guardianPids.at(-1);
    case 'target':
      return target.pid;
    case 'handler':
      return target.handlerPid;
  }
}

/** Whether its handler reads faults at this moment: it does until we have its uffd, and again when we are gone. */
function isServing(
  { handlerPid, process }: ChaosTarget,
  helper: HelperProcess,
  killed: ReadonlySet<Victim>,
): boolean {
  const inode = readUffd(procRoot, process.pid, process.ready!.fd)?.inode;
  const ours = [helper.pid, ...helper.guardianPids];
  const isTaken = inode !== undefined && findHolders(procRoot, inode).some(({ pid }) => ours.includes(pid));
  // Without a process of its own no handler is killed.
  return handlerPid !== undefined && (!isTaken || killed.has('helper') || killed.has('client'));
}

/** Whether a fault of its has been read and not resolved, or a thread of its or its handler's stands still. */
function isInOurHands(target: ChaosTarget): boolean {
  return isRunning(target.pid) && (!target.isHandedBack() || isStoppedOrTraced(target));
}

function isStoppedOrTraced({ pid, handlerPid = pid }: ChaosTarget): boolean {
  return [pid, handlerPid].some((each) => stoppedOrTraced(each).length > 0);
}

async function isLetGo(target: ChaosTarget, killedMs: number): Promise<void> {
  await eventually('every fault is handed back and every thread let go', () => !isInOurHands(target));
  handBacksMs.push(performance.now() - killedMs);
}

/** When all of ours have died at once, Inspect finds whom they left asleep, and one WAKE frees them. */
async function wakeStranded(helper: HelperProcess, targets: readonly ChaosTarget[]): Promise<void> {
  for (const { pid } of targets) {
    const { ctxs } = await helper.inspect(pid);
    for (const ctx of ctxs.filter(({ findings }) => findings.some(({ offersWake }) => offersWake))) {
      foundByInspect++;
      await helper.inspectWake({ pid: ctx.pid, fd: ctx.uffd.fd, inode: ctx.inode });
    }
  }
}

async function nothingIsHeld(when: string, helper: HelperProcess): Promise<void> {
  await eventually(`no descriptor is left ${when}`, () =>
    [helper.pid, ...helper.guardianPids].every((pid) => !holdsUffd(pid)),
  );
}

function isRefusal(error: unknown): boolean {
  return error instanceof ResponseError && error.code === helperErrorCode;
}

function killing(victim: Victim, delayMs: number, stoppedMs?: number): Kill {
  return { victim, delayMs, stoppedMs };
}

function inWords({ isAfterAttach, kills }: Plan): string {
  const words = kills.map(
    ({ victim, delayMs, stoppedMs }) =>
      `${victim} after ${delayMs} ms${stoppedMs === undefined ? '' : ` and ${stoppedMs} ms stopped`}`,
  );
  return `${isAfterAttach ? 'attached' : 'attaching'}: ${words.join(', ')}`;
}
