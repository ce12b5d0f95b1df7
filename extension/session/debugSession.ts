/** One attached uffd, from attach to end. Its trace stays readable after the end. Pure: no VS Code. */
import type {
  DetachResult,
  IoctlResultDto,
  RangeDto,
  ResolveParams,
  SessionDidEndParams,
  SessionDto,
  ThreadDto,
  WakeParams,
} from '../../native-helper/protocol.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import { FaultTrace } from './faultTrace.ts';

/** What a session asks of the helper. */
export type SessionHelper = Pick<HelperClient, 'detach' | 'ranges' | 'resolve' | 'wake'>;

export interface SessionEnd {
  readonly reason: SessionDidEndParams['reason'] | 'helperFailed';
  /** One sentence for people. */
  readonly text: string;
}

export class DebugSession {
  /** Unique in this window, also when a new helper counts its sessions anew. */
  readonly id: number;
  readonly dto: SessionDto;
  /** Threads that have faulted, in the order of their first fault. */
  readonly threads: ThreadDto[] = [];
  readonly trace = new FaultTrace();
  private readonly helper: SessionHelper;
  private readonly startTimeNs: bigint;
  private ended: { readonly end: SessionEnd; readonly timeNs: number } | null = null;

  constructor(id: number, dto: SessionDto, helper: SessionHelper) {
    this.id = id;
    this.dto = dto;
    this.helper = helper;
    this.startTimeNs = BigInt(dto.startTimeNs);
  }

  /** Null while it is attached. */
  get end(): SessionEnd | null {
    return this.ended?.end ?? null;
  }

  /** Nanoseconds since the session's start; stands still after its end. */
  nowNs(): number {
    // hrtime is CLOCK_MONOTONIC, the clock of the log's times.
    return this.ended?.timeNs ?? Number(process.hrtime.bigint() - this.startTimeNs);
  }

  /** Marks the session as over; only the first end counts. */
  finish(end: SessionEnd): void {
    this.ended ??= { end, timeNs: this.nowNs() };
  }

  resolve(params: Omit<ResolveParams, 'sessionId'>): Promise<readonly IoctlResultDto[]> {
    return this.helper.resolve({ ...params, sessionId: this.dto.sessionId });
  }

  wake(what: WakeParams['what']): Promise<readonly IoctlResultDto[]> {
    return this.helper.wake({ sessionId: this.dto.sessionId, what });
  }

  /** Registered ranges as of now. */
  ranges(): Promise<readonly RangeDto[]> {
    return this.helper.ranges({ sessionId: this.dto.sessionId });
  }

  /** Hands every held fault back and ends the session; its end is reported by the helper. */
  detach(): Promise<DetachResult> {
    return this.helper.detach({ sessionId: this.dto.sessionId });
  }
}
