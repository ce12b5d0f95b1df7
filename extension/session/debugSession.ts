/** One attached uffd, from attach to end. Its trace stays readable after the end. Pure: no VS Code. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { BytesDto } from '../../native-helper/protocol/files.ts';
import {
  PreviewRequest,
  ReadMemoryRequest,
  type PreviewParams,
  type ReadMemoryParams,
} from '../../native-helper/protocol/hexPreview.ts';
import {
  RegisterRequest,
  ResolveRequest,
  WakeRequest,
  type BatchResultDto,
  type IoctlResultDto,
  type PagesDto,
  type RegisterParams,
  type ResolveParams,
} from '../../native-helper/protocol/ioctls.ts';
import { PreflightRequest, type PreflightDto } from '../../native-helper/protocol/preflight.ts';
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import { SetRulesRequest, type RuleDto } from '../../native-helper/protocol/rules.ts';
import {
  DetachRequest,
  RangesRequest,
  type DetachResult,
  type MapChangeDto,
  type SessionDidEndParams,
  type SessionDto,
  type ThreadDto,
} from '../../native-helper/protocol/session.ts';
import type { CodeDto } from '../../webview/protocol.ts';
import type { BatchControl, HelperClient } from '../helper/helperClient.ts';
import { FaultTrace, type ThreadOverview } from './faultTrace.ts';

/** What a session needs of the helper. */
export type SessionHelper = Pick<HelperClient, 'request' | 'requestBatch'>;

export interface SessionEnd {
  readonly reason: SessionDidEndParams['reason'] | 'helperFailed';
  /** One sentence for people. */
  readonly text: string;
}

/** What to resolve, and how. */
export type ResolvePlan = Omit<ResolveParams, 'sessionId' | 'progressToken'>;

/** Requests throw HelperRefusal or HelperGone; both carry a sentence for people. */
export class DebugSession {
  /** Unique in this window, also when a new helper counts its sessions anew. */
  readonly id: number;
  /** Which of the timeline's colours it has, from 0; the least that no other session of the window had. */
  readonly colour: number;
  /** As it was when the session began. */
  readonly dto: SessionDto;
  readonly trace = new FaultTrace();
  /** Threads that have faulted, in the order of their first fault. */
  readonly threads: ThreadDto[] = [];
  /** Instructions that have raised faults, in the order of their first one. Another list whenever it changes. */
  codes: readonly CodeDto[] = [];
  /** Registered ranges, as last heard of. */
  ranges: readonly RangeDto[];
  /** Set while the memory map is changing, when every resolution answers EAGAIN. */
  mapChange: MapChangeDto | null = null;
  /** Hits of each rule since the rules were set. */
  ruleHits: readonly number[];
  private readonly helper: SessionHelper;
  private readonly startTimeNs: bigint;
  private appliedRules: readonly RuleDto[];
  private ended: { readonly end: SessionEnd; readonly timeNs: number } | null = null;

  /** @param rules what it began with */
  constructor(id: number, colour: number, dto: SessionDto, rules: readonly RuleDto[], helper: SessionHelper) {
    this.id = id;
    this.colour = colour;
    this.dto = dto;
    this.ranges = dto.ranges;
    this.appliedRules = rules;
    this.ruleHits = rules.map(() => 0);
    this.helper = helper;
    this.startTimeNs = BigInt(dto.startTimeNs);
  }

  get revision(): number {
    return this.trace.revision;
  }

  overview(): ThreadOverview[] {
    return this.trace.overview();
  }

  /** Null while it is attached. */
  get end(): SessionEnd | null {
    return this.ended?.end ?? null;
  }

  /** The rules its reader thread applies. */
  get rules(): readonly RuleDto[] {
    return this.appliedRules;
  }

  /** Nanoseconds since the session's start; stands still after its end. */
  nowNs(): number {
    // hrtime is CLOCK_MONOTONIC, the clock of the log's times.
    return this.ended?.timeNs ?? Number(process.hrtime.bigint() - this.startTimeNs);
  }

  /** Marks the session as over; only the first end counts. */
  finish(end: SessionEnd): void {
    this.ended ??= { end, timeNs: this.nowNs() };
    this.mapChange = null;
  }

  resolve(plan: ResolvePlan, control: BatchControl = {}): Promise<BatchResultDto> {
    return this.helper.requestBatch(ResolveRequest, { ...plan, ...this.target }, control);
  }

  wake(what: PagesDto, control: BatchControl = {}): Promise<BatchResultDto> {
    return this.helper.requestBatch(WakeRequest, { what, ...this.target }, control);
  }

  register(params: Omit<RegisterParams, 'sessionId'>): Promise<IoctlResultDto> {
    return this.helper.request(RegisterRequest, { ...params, ...this.target });
  }

  preflight(what: PagesDto, cancellation?: CancellationToken): Promise<PreflightDto> {
    return this.helper.request(PreflightRequest, { what, ...this.target }, cancellation);
  }

  preview(params: Omit<PreviewParams, 'sessionId'>, cancellation?: CancellationToken): Promise<BytesDto> {
    return this.helper.request(PreviewRequest, { ...params, ...this.target }, cancellation);
  }

  readMemory(
    params: Omit<ReadMemoryParams, 'sessionId'>,
    cancellation?: CancellationToken,
  ): Promise<BytesDto> {
    return this.helper.request(ReadMemoryRequest, { ...params, ...this.target }, cancellation);
  }

  /** Registered ranges as of now, which it remembers. */
  async refreshRanges(): Promise<readonly RangeDto[]> {
    this.ranges = await this.helper.request(RangesRequest, this.target);
    return this.ranges;
  }

  /** Replaces its rules; hits count from zero. When they are refused, the ones before stay. */
  async setRules(rules: readonly RuleDto[]): Promise<void> {
    await this.helper.request(SetRulesRequest, { rules, ...this.target });
    this.appliedRules = rules;
    this.ruleHits = rules.map(() => 0);
  }

  /**
   * Hands every held fault back and ends the session; its end is reported by the helper.
   * @param closesLast also when nobody else has the uffd open, which is refused otherwise (lastHolder)
   */
  detach(closesLast = false): Promise<DetachResult> {
    return this.helper.request(DetachRequest, { ...this.target, closesLast });
  }

  private get target(): { readonly sessionId: number } {
    return { sessionId: this.dto.sessionId };
  }
}
