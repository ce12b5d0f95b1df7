/** A helper that answers from the test, for what is above it. */
import {
  CancellationToken,
  Emitter,
  type Disposable,
  type NotificationType,
  type RequestType,
} from 'vscode-jsonrpc/node';
import type { CodeLookup } from '../../../extension/session/codeNames.ts';
import type { BatchControl } from '../../../extension/helper/helperClient.ts';
import type { RegistryHelper } from '../../../extension/session/sessionRegistry.ts';
import { rowsFrom, type EventRow } from '../../../native-helper/log/eventRows.ts';
import { packedRows } from '../../../native-helper/log/packedRows.ts';
import type { ErrorDto } from '../../../native-helper/protocol/errors.ts';
import type { BatchResultDto, IoctlResultDto } from '../../../native-helper/protocol/ioctls.ts';
import { LogDidAppendNotification } from '../../../native-helper/protocol/logRows.ts';
import type { RangeDto } from '../../../native-helper/protocol/ranges.ts';
import {
  SessionDidEndNotification,
  SessionDidForkNotification,
  type SessionDto,
} from '../../../native-helper/protocol/session.ts';

export function sessionDto(sessionId: number, pid = 100): SessionDto {
  return {
    sessionId,
    pid,
    comm: 'target',
    commandLine: 'target',
    uffd: {
      fd: 3,
      inode: 7,
      pending: 0,
      total: 0,
      features: [],
      ioctls: [],
      isApiDone: true,
      isBlocking: false,
    },
    startTimeNs: `0x${process.hrtime.bigint().toString(16)}`,
    ranges: [],
    notes: [],
    isCustody: false,
    frozen: [],
  };
}

/** A forked child's session. */
export function childDto(sessionId: number, pid = 101): SessionDto {
  return { ...sessionDto(sessionId, pid), comm: 'child', isCustody: true };
}

export function range(start: string, lengthBytes = 4096): RangeDto {
  return {
    start,
    lengthBytes,
    modes: ['MISSING'],
    memory: 'anonymous',
    isShared: false,
    pageBytes: 4096,
    thpBytes: 0,
    backing: '',
  };
}

export function result(offers: Partial<IoctlResultDto> = {}): BatchResultDto {
  const single = { faultId: 1, ioctl: 'copy', start: '0x1000', lengthBytes: 4096, doneBytes: 4096 };
  return {
    succeeded: 1,
    failed: 0,
    undone: 0,
    results: [{ ...single, text: 'Done.', offersWake: false, ...offers }],
  };
}

export function raisedRow(faultId: number): EventRow {
  return {
    kind: 'raised',
    actor: 'kernel',
    timeNs: faultId,
    faultId,
    address: BigInt(faultId) * 4096n,
    lengthBytes: 0,
    tid: faultId,
    flags: 0n,
    errno: 0,
    out: 0n,
  };
}

export function batchInBase64(firstSequence: number, ...rows: EventRow[]): string {
  return Buffer.from(packedRows(rowsFrom(firstSequence, rows))).toString('base64');
}

export class FakeHelper implements RegistryHelper {
  private readonly notified = new Emitter<{ readonly method: string; readonly params: unknown }>();
  readonly failures = new Emitter<void>();
  readonly onDidFail = this.failures.event;
  readonly stops = new Emitter<void>();
  readonly onDidStop = this.stops.event;

  /** What `attach` answers, next time it is asked. */
  nextAttach: () => Promise<SessionDto> = () => Promise.resolve(sessionDto(1));
  /** What it was asked, with the parameters. */
  readonly asked: { readonly method: string; readonly params: unknown }[] = [];
  /** What it answers to requests, given how their caller follows them. */
  answer: (control: BatchControl) => Promise<unknown> = () => Promise.resolve(result());

  onNotification<P>({ method }: NotificationType<P>, listener: (params: P) => void): Disposable {
    return this.notified.event((notification) => {
      if (notification.method === method) {
        listener(notification.params as P);
      }
    });
  }
  /** Tells something, as a helper would. */
  notify<P>({ method }: NotificationType<P>, params: P): void {
    this.notified.fire({ method, params });
  }
  raise(sessionId: number, sequence: number): void {
    this.notify(LogDidAppendNotification, { sessionId, rows: batchInBase64(sequence, raisedRow(sequence)) });
  }
  /** Faults `first` and so on, in one batch whose sequence numbers are those of the faults. */
  raiseMany(sessionId: number, first: number, count: number): void {
    const faults = Array.from({ length: count }, (_, n) => raisedRow(first + n));
    this.notify(LogDidAppendNotification, { sessionId, rows: batchInBase64(first, ...faults) });
  }
  end(sessionId: number): void {
    this.notify(SessionDidEndNotification, { sessionId, reason: 'targetExited', text: 'It has ended.' });
  }
  fork(parentSessionId: number, session: SessionDto): void {
    this.notify(SessionDidForkNotification, { parentSessionId, session });
  }

  tell<P extends object>({ method }: NotificationType<P>, params: P): void {
    this.asked.push({ method, params });
  }
  attach(): Promise<SessionDto> {
    return this.nextAttach();
  }
  request<P extends object, R>(
    { method }: RequestType<P, R, ErrorDto>,
    params: P,
    cancellation: CancellationToken = CancellationToken.None,
  ): Promise<R> {
    this.asked.push({ method, params });
    return this.answer({ cancellation }) as Promise<R>;
  }
  requestBatch<P extends object>(
    { method }: RequestType<P, BatchResultDto, ErrorDto>,
    params: P,
    control: BatchControl,
  ): Promise<BatchResultDto> {
    this.asked.push({ method, params });
    return this.answer(control) as Promise<BatchResultDto>;
  }
}

/** Finds no function and no line. */
export const noSymbols: CodeLookup = {
  symbolOf: () => Promise.resolve(undefined),
  sourceOf: () => Promise.resolve(undefined),
};
