/** What the main thread orders, done or begun on the reader thread; every call is answered once. */
import { ResponseError } from 'vscode-jsonrpc';
import { invalidParams } from '../helperErrors.ts';
import { procRoot } from '../inspect/procFile.ts';
import type { ErrorDto } from '../protocol/errors.ts';
import { Batch, type BatchListener } from './batch.ts';
import type { EventLog } from './eventLog.ts';
import { Jobs } from './jobs.ts';
import { refuseMoveSource } from './moveSource.ts';
import { planMove, planResolve, planWake } from './pagePlan.ts';
import { openSource, type SourceContext } from './pageSource.ts';
import type { PageAction } from './pageWork.ts';
import { preflight } from './preflight.ts';
import { gatherFacts, type SystemFacts } from './preflightFacts.ts';
import { Preview, type PreviewListener } from './preview.ts';
import { changeRegistration } from './rangeRegistration.ts';
import type { ReaderCall, ReaderCalls, ReaderMessage, ReaderOrder, ReaderRequest } from './readerProtocol.ts';
import type { TargetMoves } from './targetMoves.ts';
import type { TargetRanges } from './targetRanges.ts';
import type { UffdIoctl } from './uffdIoctl.ts';

export interface OrderContext extends SourceContext {
  readonly log: EventLog;
  readonly ioctls: UffdIoctl;
  readonly moves: TargetMoves;
  readonly ranges: TargetRanges;
  readonly system: SystemFacts;
  readonly post: (message: ReaderMessage) => void;
  /** Begins to read. */
  readonly start: () => void;
  /** @throws HelperError when the rules cannot be; the old ones stay */
  readonly setRules: (rules: ReaderCalls['setRules']['params']['rules']) => void;
}

export class Orders {
  /** What has been begun and goes on in slices. */
  readonly jobs: Jobs;
  private readonly context: OrderContext;
  private readonly source: SourceContext;
  private readonly listener: BatchListener & PreviewListener;

  constructor(context: OrderContext) {
    const { log, files, post, pid, pidfd } = context;
    this.context = context;
    this.source = { pid, pidfd, files };
    this.jobs = new Jobs(() => log.nowNs(), files);
    this.listener = {
      onProgress: (id, done, total) => post({ kind: 'progress', id, done, total }),
      onFinished: (id, result) => this.reply(id, result),
      onBytes: (id, bytes) => this.reply(id, bytes),
      onRefused: (id, error) => this.refuse(id, error),
    };
  }

  handle(order: ReaderOrder): void {
    switch (order.do) {
      case 'cancel':
        this.jobs.cancel(order.id);
        break;
      case 'fileBytes':
        this.context.files.deliver(order.chunk, order.bytes);
        break;
      default:
        this.answer(order);
    }
  }

  private answer(request: ReaderRequest): void {
    try {
      const result = this.perform(request);
      if (result !== 'later') {
        this.reply(request.id, result);
      }
    } catch (error) {
      this.refuse(request.id, error);
    }
  }

  private perform(request: ReaderRequest): ReaderCalls[ReaderCall]['result'] | 'later' {
    const { context } = this;
    const { log, ranges } = context;
    switch (request.do) {
      case 'start':
        context.start();
        return null;
      case 'resolve': {
        this.lookAnew();
        const { action } = request.params;
        const plan = (action.ioctl === 'move' ? planMove : planResolve)(
          request.params,
          log.openFaults,
          ranges,
        );
        if (action.ioctl === 'move') {
          const { start, lengthBytes } = plan[0]!;
          refuseMoveSource(procRoot, context.pid, action, start, lengthBytes);
        }
        this.begin(request.id, action, plan);
        return 'later';
      }
      case 'wake':
        ranges.refresh();
        this.begin(request.id, { ioctl: 'wake' }, planWake(request.params.what, log.openFaults, ranges));
        return 'later';
      case 'register': {
        const result = changeRegistration(request.params, context, ranges);
        context.post({ kind: 'rangesChanged' });
        return result;
      }
      case 'preflight':
        ranges.refresh();
        return preflight(gatherFacts(request.params.what, context.pid, log.openFaults, ranges), {
          ...context.system,
          moveObstacle: request.params.moveObstacle,
        });
      case 'preview':
        context.files.forgetFailures();
        this.jobs.add(new Preview(request.id, request.params, this.source, this.listener));
        return 'later';
      case 'setRules':
        this.lookAnew();
        context.setRules(request.params.rules);
        return null;
    }
  }

  /** What was found earlier, ranges and unreadable files, may be different now. */
  private lookAnew(): void {
    this.context.ranges.refresh();
    this.context.files.forgetFailures();
  }

  /** @throws HelperError badRange when the source can never fill one of the spans */
  private begin(id: number, action: PageAction, plan: ReturnType<typeof planWake>): void {
    const bytes = action.ioctl === 'copy' ? openSource(action.source, this.source) : undefined;
    for (const { start, lengthBytes } of plan) {
      bytes?.check(start, lengthBytes);
    }
    this.jobs.add(new Batch(id, this.context, action, bytes, plan, this.listener));
  }

  private reply(id: number, result: ReaderCalls[ReaderCall]['result']): void {
    // The rows first: whoever gets the reply finds its effect in the log.
    this.context.log.flush();
    this.context.post({ kind: 'reply', id, result });
  }

  private refuse(id: number, error: unknown): void {
    const refusal = error instanceof ResponseError ? error : invalidParams('', String(error));
    this.context.log.flush();
    this.context.post({ kind: 'refusal', id, message: refusal.message, data: refusal.data as ErrorDto });
  }
}
