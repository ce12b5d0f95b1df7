/** What the user does with faults and ranges: in each session one request at a time, its progress and its answer. */
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc';
import type { MessageConnection } from 'vscode-jsonrpc/browser';
import type { BatchResultDto, PagesDto, RegisterMode } from '../../native-helper/protocol/ioctls.ts';
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import { type ResolvePlan } from '../model/resolveInput.ts';
import { PageBatchProgress, PageRegisterRequest, PageResolveRequest, PageWakeRequest } from '../protocol.ts';
import { type Answer, type AnswerSubject } from './sessionActs.ts';
import { type SessionTimeline } from './sessionTimeline.ts';
import { type TimelineState } from './timelineState.ts';

/** What every request names. */
interface Batch {
  readonly sessionId: number;
  readonly progressToken: string;
}

export class FaultActions {
  private readonly state: TimelineState;
  private readonly host: MessageConnection;
  private lastToken = 0;
  private readonly cancellations = new Map<SessionTimeline, CancellationTokenSource>();

  constructor(state: TimelineState, host: MessageConnection) {
    this.state = state;
    this.host = host;
  }

  /** Resolves these faults in this order. */
  resolve(faultIds: readonly number[], plan: ResolvePlan): Promise<void> {
    return this.resolvePages(subjectOf(faultIds), { faultIds }, plan);
  }

  /** Wakes the threads of these faults in this order. */
  wake(faultIds: readonly number[], subject: AnswerSubject = subjectOf(faultIds)): Promise<void> {
    return this.act(subject, (batch, token) =>
      this.host.sendRequest(PageWakeRequest, { ...batch, faultIds }, token),
    );
  }

  /** UFFDIO_WRITEPROTECT of a whole range. */
  protectRange({ start, lengthBytes }: RangeDto, protect: boolean): Promise<void> {
    const action = { ioctl: 'writeprotect', protect, dontWake: false } as const;
    return this.resolvePages('ranges', { start, lengthBytes }, { action, lengthPages: 1, around: false });
  }

  /** UFFDIO_REGISTER of a range with these modes, UFFDIO_UNREGISTER with none; the host confirms first. */
  register({ start, lengthBytes }: RangeDto, modes: readonly RegisterMode[]): Promise<void> {
    return this.act('ranges', async ({ sessionId }, token) => {
      const params = { sessionId, start, lengthBytes, modes };
      const result = await this.host.sendRequest(PageRegisterRequest, params, token);
      return result === null ? null : { succeeded: 0, failed: 0, undone: 0, results: [result] };
    });
  }

  /** Stops the batch that is under way in the current session between two ioctls; its answer says how far it came. */
  cancel(): void {
    const { current } = this.state;
    if (current !== null) {
      this.cancellations.get(current)?.cancel();
    }
  }

  private resolvePages(subject: AnswerSubject, what: PagesDto, plan: ResolvePlan): Promise<void> {
    return this.act(subject, (batch, token) =>
      this.host.sendRequest(PageResolveRequest, { ...batch, what, ...plan }, token),
    );
  }

  /** The answer belongs to the session that it was asked in, whichever is current when it comes; null is no answer. */
  private async act(
    subject: AnswerSubject,
    request: (batch: Batch, token: CancellationToken) => Promise<BatchResultDto | null>,
  ): Promise<void> {
    const session = this.state.current;
    if (session === null || session.acts.isActing) {
      return;
    }
    const progressToken = `batch-${++this.lastToken}`;
    const cancellation = new CancellationTokenSource();
    const listening = this.host.onProgress(PageBatchProgress, progressToken, (progress) => {
      session.acts.progress = progress;
      this.state.actsChanged(session);
    });
    this.cancellations.set(session, cancellation);
    this.setActing(session, true);
    try {
      const result = await request({ sessionId: session.id, progressToken }, cancellation.token);
      if (result !== null) {
        this.keep(session, subject, result);
      }
    } catch (error) {
      const refusal = error instanceof Error ? error.message : String(error);
      this.add(session, [[subject, { counts: null, results: [], refusal }]]);
    } finally {
      listening.dispose();
      cancellation.dispose();
      this.cancellations.delete(session);
      this.setActing(session, false);
    }
  }

  private setActing(session: SessionTimeline, isActing: boolean): void {
    session.acts.setActing(isActing);
    this.state.actsChanged(session);
  }

  /** Keeps the answer where it was asked for and, of several faults, each result with its fault too. */
  private keep(
    session: SessionTimeline,
    subject: AnswerSubject,
    { results, ...counts }: BatchResultDto,
  ): void {
    const isBatch = counts.succeeded + counts.failed + counts.undone > 1 || counts.undone > 0;
    const own = subject === 'selection' ? results : [];
    this.add(session, [
      [subject, { counts: isBatch ? counts : null, results, refusal: null }],
      ...own.map((result) => [result.faultId, { counts: null, results: [result], refusal: null }] as const),
    ]);
  }

  private add(
    session: SessionTimeline,
    answers: readonly (readonly [AnswerSubject, Omit<Answer, 'atNs'>])[],
  ): void {
    const atNs = session.nowNs();
    session.acts.add(answers.map(([subject, answer]) => [subject, { ...answer, atNs }]));
    this.state.actsChanged(session);
  }
}

function subjectOf(faultIds: readonly number[]): AnswerSubject {
  const [id] = faultIds;
  return faultIds.length === 1 && id !== undefined ? id : 'selection';
}
