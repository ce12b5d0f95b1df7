/** A helper that answers from the test, for what is above it. */
import { Emitter } from 'vscode-jsonrpc/node';
import { packedRows, rowsFrom, type EventRow } from '../../../native-helper/log/eventRows.ts';
import type {
  IoctlResultDto,
  LogDidAppendParams,
  ResolveParams,
  SessionDidEndParams,
  SessionDto,
  ThreadDto,
  WakeParams,
} from '../../../native-helper/protocol.ts';
import type { RegistryHelper } from '../../../extension/session/sessionRegistry.ts';

export function sessionDto(sessionId: number, pid = 100): SessionDto {
  return {
    sessionId,
    pid,
    comm: 'target',
    commandLine: 'target',
    uffd: { fd: 3, inode: 7, pending: 0, total: 0, features: [], isApiDone: true, isBlocking: false },
    startTimeNs: `0x${process.hrtime.bigint().toString(16)}`,
    ranges: [],
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
  readonly rows = new Emitter<LogDidAppendParams>();
  readonly threads = new Emitter<{ sessionId: number; thread: ThreadDto }>();
  readonly ends = new Emitter<SessionDidEndParams>();
  readonly failures = new Emitter<void>();
  readonly onDidAppendRows = this.rows.event;
  readonly onDidAppearThread = this.threads.event;
  readonly onDidEndSession = this.ends.event;
  readonly onDidFail = this.failures.event;

  /** What `attach` answers, next time it is asked. */
  nextAttach: () => Promise<SessionDto> = () => Promise.resolve(sessionDto(1));
  readonly resolved: ResolveParams[] = [];
  readonly woken: WakeParams[] = [];
  /** What `resolve` answers. */
  answer: () => Promise<readonly IoctlResultDto[]> = () => Promise.resolve([]);

  attach(): Promise<SessionDto> {
    return this.nextAttach();
  }
  detach(): Promise<{ handedBack: number }> {
    return Promise.resolve({ handedBack: 0 });
  }
  ranges(): Promise<[]> {
    return Promise.resolve([]);
  }
  resolve(params: ResolveParams): Promise<readonly IoctlResultDto[]> {
    this.resolved.push(params);
    return this.answer();
  }
  wake(params: WakeParams): Promise<readonly IoctlResultDto[]> {
    this.woken.push(params);
    return this.answer();
  }
}
