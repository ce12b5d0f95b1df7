/** The target test/fixtures/targets/moveHandler.c with its handler frozen, and MOVE by hand in a test's words. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { OpenFault } from '../../native-helper/log/openFaults.ts';
import type { IoctlResultDto } from '../../native-helper/protocol/ioctls.ts';
import type { SessionDto } from '../../native-helper/protocol/session.ts';
import type { MoveAction } from '../../native-helper/rules/faultRule.ts';
import { eventually } from './eventually.ts';
import type { Fixture } from './fixture.ts';
import type { HelperProcess } from './helperProcess.ts';
import { onlyResult } from './memoryTarget.ts';
import type { TargetEvent, TargetProcess } from './targetProcess.ts';

/** What the target's own handler fills pages with. */
export const servedByHandler = 'h'.charCodeAt(0);

export class MoveTarget {
  readonly target: TargetProcess;
  readonly helper: HelperProcess;
  private current: SessionDto | undefined;

  private constructor(target: TargetProcess, helper: HelperProcess) {
    this.target = target;
    this.helper = helper;
  }

  /** @param how the handler waits, and what is special about it */
  static async start(fixture: Fixture, ...how: string[]): Promise<MoveTarget> {
    const target = await fixture.target('moveHandler', ...how);
    await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
    return new MoveTarget(target, await fixture.helper());
  }

  async freeze(): Promise<SessionDto> {
    this.current = await this.helper.attachFrozen(this.target.pid);
    assert.deepEqual(
      this.current.frozen.map(({ comm }) => comm),
      ['handler'],
    );
    return this.current;
  }

  get session(): SessionDto {
    return this.current!;
  }

  detach() {
    return this.helper.detach(this.session.sessionId);
  }

  /** Address in one of the target's memories to move from. */
  memory(name: 'source' | 'shared' | 'readonly' | 'file', page = 0): string {
    const [event] = this.target.said('memory');
    return `0x${(BigInt(event![name] as string) + BigInt(page * 4096)).toString(16)}`;
  }

  action(source: string, options: Partial<MoveAction> = {}): MoveAction {
    return { ioctl: 'move', source, dontWake: false, allowHoles: false, ...options };
  }

  fill(page: number, byte: number): Promise<TargetEvent> {
    return this.target.ask(`fill ${page} ${byte}`);
  }

  /** The first byte of a page of the source memory as the program sees it. */
  async sourceByte(page: number): Promise<unknown> {
    return (await this.target.ask(`source ${page}`))['byte'];
  }

  /** Has the target's thread touch a page, and waits until its fault is held. */
  touch(page: number): Promise<OpenFault> {
    const { open } = this.helper.log(this.session.sessionId);
    const address = BigInt(this.target.pageAt(page));
    this.target.send(`touch ${page}`);
    return eventually(`page ${page} faults`, () =>
      [...open.values()].find((fault) => fault.address === address),
    );
  }

  /** The byte that the thread has seen at the page it touched `before` others. */
  async sees(touched: number): Promise<number> {
    return (await eventually('the thread goes on', () => this.target.touched[touched])).byte;
  }

  async move(fault: OpenFault, action: MoveAction): Promise<IoctlResultDto> {
    return onlyResult(await this.helper.resolve(this.session.sessionId, { faultIds: [fault.id] }, action));
  }

  /** Why MOVE of a fault is not offered; empty when it is. */
  async obstacle(fault: OpenFault): Promise<string> {
    const { offers } = await this.helper.preflight(this.session.sessionId, { faultIds: [fault.id] });
    return offers.find(({ id }) => id === 'move')!.obstacle;
  }

  /**
   * Freezes the handler with this helper and moves pages, here and back, until the helper is killed.
   * @param afterMs of the moves
   */
  async movesUntilKilled(helper: HelperProcess, afterMs: number): Promise<void> {
    const { sessionId } = await helper.attachFrozen(this.target.pid);
    await this.fill(0, 0x41);
    const places = [this.target.pageAt(62), this.target.pageAt(63)] as const;
    const first = { start: places[0], lengthBytes: 4096 };
    await helper.resolve(sessionId, first, this.action(this.memory('source'), { allowHoles: true }));
    const killing = setTimeout(() => helper.process.kill('SIGKILL'), afterMs);
    const exit = once(helper.process, 'exit');
    const moving = (async () => {
      for (let move = 0; ; move++) {
        const start = places[(move + 1) % 2]!;
        await helper.resolve(
          sessionId,
          { start, lengthBytes: 4096 },
          this.action(places[move % 2]!, { allowHoles: true }),
        );
      }
    })().catch(() => undefined);
    await exit;
    clearTimeout(killing);
    helper.connection.dispose();
    await moving;
  }

  /** The handler serves a touch of a page that is missing, itself. */
  async isServedByHandler(page: number): Promise<void> {
    await this.target.ask(`drop ${page}`);
    const before = this.target.touched.length;
    this.target.send(`touch ${page}`);
    assert.equal(await this.sees(before), servedByHandler);
  }

  /** What the handler noticed: registers or memory that were not as they had been, waits that ended. */
  get noticed(): TargetEvent[] {
    return this.target.events.filter(({ event }) => event === 'disturbed' || event === 'wait');
  }
}
