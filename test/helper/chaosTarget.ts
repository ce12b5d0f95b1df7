/** Targets of the chaos test: each is under load, and knows what progress of all its threads looks like. */
import type { AttachParams } from '../../native-helper/protocol/session.ts';
import { eventually } from './eventually.ts';
import type { Fixture } from './fixture.ts';
import { filling, rule } from './ruleBuilders.ts';
import type { TargetProcess } from './targetProcess.ts';

export const chaosLayouts = ['handlerThread', 'handlerProcess', 'rules', 'held', 'forks'] as const;
export type ChaosLayout = (typeof chaosLayouts)[number];

const rounds = 4;
const heldThreads = 4;
const forks = 3;
const storm = ['--threads', '4', '--pages', '128'];
const byRules = [rule(filling(0x5a))];

export class ChaosTarget {
  readonly layout: ChaosLayout;
  readonly process: TargetProcess;
  /** The process of its handler where that is another one. */
  readonly handlerPid: number | undefined;
  private hasForked = false;

  private constructor(layout: ChaosLayout, process: TargetProcess, handlerPid: number | undefined) {
    this.layout = layout;
    this.process = process;
    this.handlerPid = handlerPid;
  }

  /** Starts one that is at work. */
  static async start(fixture: Fixture, layout: ChaosLayout): Promise<ChaosTarget> {
    switch (layout) {
      case 'handlerThread':
        return atWork(
          new ChaosTarget(layout, await fixture.target('storm', ...storm, '--handler'), undefined),
        );
      case 'handlerProcess': {
        const process = await fixture.target('storm', ...storm, '--handler-process');
        return atWork(new ChaosTarget(layout, process, process.said('handler')[0]!['pid'] as number));
      }
      case 'rules':
        return atWork(new ChaosTarget(layout, await fixture.target('storm', ...storm), undefined));
      case 'held': {
        const options = ['--threads', String(heldThreads), '--pages', '2'];
        const process = await fixture.target('missing', ...options);
        await process.asleep(heldThreads);
        return new ChaosTarget(layout, process, undefined);
      }
      case 'forks':
        return new ChaosTarget(layout, await fixture.target('events', '--fork'), undefined);
    }
  }

  get pid(): number {
    return this.process.pid;
  }

  /** How it is attached to. */
  get attaching(): AttachParams {
    const { pid } = this;
    switch (this.layout) {
      case 'handlerThread':
      case 'handlerProcess':
        return { pid, freeze: true };
      case 'rules':
        return { pid, rules: byRules };
      case 'held':
      case 'forks':
        return { pid };
    }
  }

  /** Once attached to. */
  onAttached(): void {
    if (this.layout === 'forks') {
      this.hasForked = true;
      this.process.send(`forks ${forks}`);
    }
  }

  /** How whoever comes next makes all of its threads go on; undefined where its own handler does. */
  nextAttach(isHandlerAlive: boolean): AttachParams | undefined {
    const isServed = this.layout === 'handlerThread' || (this.layout === 'handlerProcess' && isHandlerAlive);
    return isServed ? undefined : { pid: this.pid, rules: byRules };
  }

  /** Whether no fault of its is in the hands of somebody who is gone, as far as can be seen at once. */
  isHandedBack(): boolean {
    try {
      const { pending, total } = this.process.faultCounts();
      return pending === total;
    } catch {
      // It has just ended.
      return true;
    }
  }

  /** Waits until every thread has done all that it was to do. */
  async finished(): Promise<void> {
    switch (this.layout) {
      case 'handlerThread':
      case 'handlerProcess':
      case 'rules':
        await eventually('all rounds are over', () => this.process.said('round').length === rounds);
        break;
      case 'held':
        await eventually('all threads have finished', () => this.process.finished === heldThreads);
        break;
      case 'forks': {
        if (this.hasForked) {
          await eventually('all forks return', () => this.process.said('fork').length === forks);
          await eventually('all children go on', () => this.process.said('child').length === forks);
        }
      }
    }
  }
}

function atWork(target: ChaosTarget): ChaosTarget {
  for (let round = 0; round < rounds; round++) {
    target.process.send('');
  }
  return target;
}
