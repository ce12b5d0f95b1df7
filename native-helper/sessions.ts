/** The helper's sessions: attaches, routes requests to the right take over, ends them all. */
import { AttachedUffd, type DetachReason } from './attach/attachedUffd.ts';
import type { GuardianProcess } from './attach/guardianProcess.ts';
import { duplicateUffd, findTargetUffd, refuseLiveHandler, refuseOtherDebugger } from './attach/takeOver.ts';
import { alreadyAttached, noSuchSession } from './helperErrors.ts';
import { findHolders } from './inspect/holders.ts';
import { readCommandLine } from './inspect/processes.ts';
import { procComm, procRoot } from './inspect/procFile.ts';
import { readRanges } from './inspect/ranges.ts';
import type {
  AttachParams,
  DetachResult,
  IoctlResultDto,
  LogDidAppendParams,
  RangeDto,
  ResolveParams,
  SessionDidEndParams,
  SessionDto,
  SetRuleParams,
  ThreadDto,
  WakeParams,
} from './protocol.ts';

/** What a client is told without asking. */
export interface SessionsListener {
  onRows(params: LogDidAppendParams): void;
  onThread(sessionId: number, thread: ThreadDto): void;
  onEnded(params: SessionDidEndParams): void;
}

interface Session {
  readonly dto: SessionDto;
  readonly attached: AttachedUffd;
}

export class Sessions {
  private readonly guardian: GuardianProcess;
  private readonly readerScript: URL;
  private readonly listener: SessionsListener;
  private readonly sessions = new Map<number, Session>();
  private lastSessionId = 0;

  /** @param readerScript the reader thread's program */
  constructor(guardian: GuardianProcess, readerScript: URL, listener: SessionsListener) {
    this.guardian = guardian;
    this.readerScript = readerScript;
    this.listener = listener;
  }

  /** @throws HelperError why the take over was refused; nothing has been read then */
  async attach(params: AttachParams): Promise<SessionDto> {
    const { pid } = params;
    const uffd = findTargetUffd(params);
    for (const { dto } of this.sessions.values()) {
      if (dto.uffd.inode === uffd.inode) {
        throw alreadyAttached(dto.pid, dto.uffd.fd);
      }
    }
    const holders = findHolders(procRoot, uffd.inode);
    refuseOtherDebugger(holders);
    const sessionId = ++this.lastSessionId;
    const startTimeNs = process.hrtime.bigint();
    const dto: SessionDto = {
      sessionId,
      pid,
      comm: procComm(`${procRoot}/${pid}`),
      commandLine: readCommandLine(procRoot, pid),
      uffd,
      startTimeNs: `0x${startTimeNs.toString(16)}`,
      ranges: rangesOf(pid),
    };
    const { useNowait, ...fds } = duplicateUffd(pid, uffd);
    const attached = new AttachedUffd(
      sessionId,
      this.readerScript,
      fds,
      {
        pid,
        fd: uffd.fd,
        inode: uffd.inode,
        useNowait,
        isBlocking: uffd.isBlocking,
        startTimeNs,
      },
      this.guardian,
      {
        onBatch: (batch) => this.listener.onRows({ sessionId, rows: Buffer.from(batch).toString('base64') }),
        onThread: (tid) => this.listener.onThread(sessionId, { tid, comm: threadName(pid, tid) }),
        onEnded: (reason, handedBack, detail) => {
          if (this.sessions.delete(sessionId)) {
            this.listener.onEnded({ sessionId, reason, text: endText(pid, reason, handedBack, detail) });
          }
        },
      },
    );
    this.sessions.set(sessionId, { dto, attached });
    try {
      await Promise.all([attached.prepare(), refuseLiveHandler(holders, uffd)]);
      await attached.start();
    } catch (error) {
      this.sessions.delete(sessionId);
      await attached.detach('detached');
      throw error;
    }
    return dto;
  }

  async detach(sessionId: number): Promise<DetachResult> {
    return { handedBack: await this.get(sessionId).attached.detach('detached') };
  }

  ranges(sessionId: number): RangeDto[] {
    return rangesOf(this.get(sessionId).dto.pid);
  }

  resolve({ sessionId, ...request }: ResolveParams): Promise<IoctlResultDto[]> {
    return this.get(sessionId).attached.request({ do: 'resolve', ...request });
  }

  wake({ sessionId, what }: WakeParams): Promise<IoctlResultDto[]> {
    return this.get(sessionId).attached.request({ do: 'wake', what });
  }

  async setRule({ sessionId, rule }: SetRuleParams): Promise<void> {
    await this.get(sessionId).attached.request({ do: 'setRule', rule });
  }

  /** Ends every session in order, each with its hand back. */
  async detachAll(reason: DetachReason): Promise<void> {
    await Promise.all([...this.sessions.values()].map(({ attached }) => attached.detach(reason)));
  }

  /** The hand back of all sessions without an event loop: the process is about to exit. */
  handBackNow(): void {
    for (const { attached } of this.sessions.values()) {
      attached.handBackNow();
    }
  }

  private get(sessionId: number): Session {
    const session = this.sessions.get(sessionId);
    if (session === undefined) {
      throw noSuchSession(sessionId);
    }
    return session;
  }
}

function rangesOf(pid: number): RangeDto[] {
  const ranges = readRanges(procRoot, pid);
  return 'ranges' in ranges ? ranges.ranges : [];
}

/** Name of a target's thread; empty when the tid is of another pid namespace. */
function threadName(pid: number, tid: number): string {
  return procComm(`${procRoot}/${pid}/task/${tid}`);
}

function endText(
  pid: number,
  reason: SessionDidEndParams['reason'],
  handedBack: number,
  detail: string,
): string {
  const faults = handedBack === 1 ? '1 open fault was' : `${handedBack} open faults were`;
  switch (reason) {
    case 'detached':
      return `Detached from process ${pid}; ${faults} handed back.`;
    case 'targetExited':
      return `Process ${pid} has ended.`;
    case 'targetExeced':
      return `Process ${pid} has replaced its memory (execve), so its registered ranges are gone.`;
    case 'memoryGone':
      return 'The memory behind this userfaultfd is gone: the process it belonged to has ended or replaced it.';
    case 'uffdClosed':
      return 'No process has this userfaultfd open any more, so its threads were released; missing pages now read as zeros.';
    case 'guardianLost':
      return `The guardian process, which wakes all threads should the helper die, was lost and could not be replaced: detached from process ${pid}; ${faults} handed back.`;
    case 'uffdFailed':
      return `Reading the userfaultfd of process ${pid} failed: ${detail}. Every thread was woken.`;
  }
}
