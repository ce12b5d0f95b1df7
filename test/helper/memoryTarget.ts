/** The target test/fixtures/targets/memory.c, taken over, with what its threads do in a test's words. */
import assert from 'node:assert/strict';
import type { OpenFault } from '../../native-helper/log/openFaults.ts';
import type {
  BatchResultDto,
  IoctlResultDto,
  ResolveActionDto,
} from '../../native-helper/protocol/ioctls.ts';
import type { OfferId, PreflightDto } from '../../native-helper/protocol/preflight.ts';
import type { ServingActionDto } from '../../native-helper/protocol/rules.ts';
import type { SessionDto } from '../../native-helper/protocol/session.ts';
import type { FaultKind } from '../../native-helper/rules/faultRule.ts';
import { eventually } from './eventually.ts';
import type { Fixture } from './fixture.ts';
import type { HelperProcess, SessionLog } from './helperProcess.ts';
import type { TargetEvent, TargetProcess } from './targetProcess.ts';

/** What a page holds before it is protected, and what the page cache holds. */
export const presentByte = 0x50;
export const cachedByte = 0x43;
export const copiedByte = 0x41;

export const copyAction: ServingActionDto & { ioctl: 'copy' } = {
  ioctl: 'copy',
  source: { kind: 'fill', byte: copiedByte },
  dontWake: false,
  wp: false,
};

/** The action of an offer, as plain as can be. */
export const plainActions: Readonly<Partial<Record<OfferId, ServingActionDto>>> = {
  copy: copyAction,
  zeropage: { ioctl: 'zeropage', dontWake: false },
  continue: { ioctl: 'continue', dontWake: false, wp: false },
  unprotect: { ioctl: 'writeprotect', protect: false, dontWake: false },
  protect: { ioctl: 'writeprotect', protect: true, dontWake: false },
  poison: { ioctl: 'poison', dontWake: false },
};

export class MemoryTarget {
  readonly target: TargetProcess;
  readonly helper: HelperProcess;
  readonly session: SessionDto;
  readonly log: SessionLog;

  private constructor(target: TargetProcess, helper: HelperProcess, session: SessionDto) {
    this.target = target;
    this.helper = helper;
    this.session = session;
    this.log = helper.log(session.sessionId);
  }

  /** With a helper of its own. */
  static async start(fixture: Fixture, ...options: string[]): Promise<MemoryTarget> {
    return MemoryTarget.attach(await fixture.helper(), fixture, ...options);
  }

  static async attach(helper: HelperProcess, fixture: Fixture, ...options: string[]): Promise<MemoryTarget> {
    const target = await fixture.target('memory', ...options);
    return new MemoryTarget(target, helper, await helper.attach(target.pid));
  }

  get sessionId(): number {
    return this.session.sessionId;
  }

  get pageBytes(): number {
    return this.target.ready!.pageBytes;
  }

  /** Pages as a range of requests. */
  pages(page: number, count = 1): { start: string; lengthBytes: number } {
    return { start: this.target.pageAt(page), lengthBytes: count * this.pageBytes };
  }

  /** Acts on a range; it must succeed. */
  async prepare(page: number, action: ResolveActionDto, count = 1): Promise<void> {
    const result = await this.helper.resolve(this.sessionId, this.pages(page, count), action);
    assert.equal(result.failed, 0, JSON.stringify(result));
  }

  /** Makes a thread fault on a page and waits until the fault is held. */
  async raise(kind: FaultKind, page: number, thread = 0): Promise<OpenFault> {
    if (kind === 'wp') {
      const present = { kind: 'fill', byte: presentByte } as const;
      await this.prepare(page, { ...copyAction, source: present, wp: true });
    } else if (kind === 'minor') {
      await this.target.ask(`cache ${page} 1 ${cachedByte}`);
    }
    return this.touch(kind === 'wp' ? 'write' : 'read', page, thread);
  }

  /** A thread touches a page; waits for its fault. */
  touch(how: 'read' | 'write' | 'copy', page: number, thread = 0): Promise<OpenFault> {
    const address = BigInt(this.target.pageAt(page));
    const before = new Set([...this.log.open.values()].map(({ id }) => id));
    this.target.send(`${how} ${thread} ${page}`);
    return eventually(`page ${page} faults`, () =>
      [...this.log.open.values()].find((fault) => fault.address === address && !before.has(fault.id)),
    );
  }

  preflight(fault: OpenFault): Promise<PreflightDto> {
    return this.helper.preflight(this.sessionId, { faultIds: [fault.id] });
  }

  /** Resolves a fault; the one answer. */
  async resolve(fault: OpenFault, action: ResolveActionDto): Promise<IoctlResultDto> {
    return onlyResult(await this.helper.resolve(this.sessionId, { faultIds: [fault.id] }, action));
  }

  async wake(fault: OpenFault): Promise<IoctlResultDto> {
    return onlyResult(await this.helper.wake(this.sessionId, { faultIds: [fault.id] }));
  }

  /** What a thread said after its touch of a page, once it has gone on. */
  goesOn(page: number, after = 0): Promise<TargetEvent> {
    const address = this.target.pageAt(page);
    return eventually(`the thread at page ${page} goes on`, () =>
      this.target.events
        .slice(after)
        .find(
          ({ event, ...fields }) =>
            (event === 'touched' || event === 'sigbus') &&
            pageOf(fields['address'], this.pageBytes) === address,
        ),
    );
  }

  /** The whole page, which must be present. */
  bytes(page: number): Buffer {
    return this.target.readMemory(BigInt(this.target.pageAt(page)), this.pageBytes);
  }
}

export function onlyResult({ results, succeeded, failed, undone }: BatchResultDto): IoctlResultDto {
  assert.equal(results.length, 1, JSON.stringify(results));
  assert.equal(succeeded + failed + undone, 1);
  return results[0]!;
}

/** The offers that can be had. */
export function offeredIds({ offers }: PreflightDto): OfferId[] {
  return offers.filter(({ obstacle }) => obstacle === '').map(({ id }) => id);
}

function pageOf(address: unknown, pageBytes: number): string {
  const value = BigInt(address as string);
  return `0x${(value - (value % BigInt(pageBytes))).toString(16)}`;
}
