/** The helper's sessions: attaches, routes requests to the right take over, ends them all. */
import {
  AttachedUffd,
  closeAll,
  type AttachedDescriptors,
  type BatchControl,
  type DetachReason,
} from './attach/attachedUffd.ts';
import { takeCustody } from './attach/custody.ts';
import { RowStream } from './capture/rowStream.ts';
import { custodyFailed, endText, lastHolderText, whoseMemory } from './attach/endText.ts';
import { ForkedChildren } from './attach/forkedChildren.ts';
import type { GuardianPair } from './attach/guardianPair.ts';
import type { HandlerFreeze } from './attach/handlerFreeze.ts';
import { isLastHolder } from './attach/lastHolder.ts';
import { findMemoryOwner } from './attach/memoryOwner.ts';
import { MoveInTarget } from './attach/moveInTarget.ts';
import { RangeWatch } from './attach/rangeWatch.ts';
import { describeSession, rangesOf, threadName } from './attach/sessionDto.ts';
import {
  custodyNotes,
  frozenNotes,
  ownerNotes,
  resolvingWarnings,
  sessionNotes,
  stoppedNotes,
} from './attach/sessionNotes.ts';
import {
  duplicateUffd,
  findTargetUffd,
  freezeLiveHandler,
  holdersToTakeOverFrom,
  refuseLiveHandler,
} from './attach/takeOver.ts';
import {
  alreadyAttached,
  kernelTooOld,
  memoryUnreadable,
  noSuchSession,
  wouldCloseLast,
} from './helperErrors.ts';
import { findStoppedWaits, type HandlerWait } from './inspect/handlerWait.ts';
import type { Holder } from './inspect/holders.ts';
import { procRoot } from './inspect/procFile.ts';
import { readTargetMemory } from './inspect/targetMemory.ts';
import { hasEnded } from './syscalls/pidfd.ts';
import type { ReadFileParams } from './protocol/files.ts';
import type { PreviewParams, ReadMemoryParams } from './protocol/hexPreview.ts';
import type {
  BatchResultDto,
  IoctlResultDto,
  RegisterParams,
  ResolveParams,
  WakeParams,
} from './protocol/ioctls.ts';
import type { LogDidAppendParams, RowsAcknowledgedParams } from './protocol/logRows.ts';
import type { PreflightDto, PreflightParams } from './protocol/preflight.ts';
import type { UffdDto } from './protocol/processes.ts';
import type { RangeDto } from './protocol/ranges.ts';
import type { RuleDto, SetRulesParams } from './protocol/rules.ts';
import type {
  AttachParams,
  DetachParams,
  DetachResult,
  MapChangeDto,
  SessionDidEndParams,
  SessionDidForkParams,
  SessionDto,
  ThreadDto,
} from './protocol/session.ts';

/** What a client is told without asking, and the one thing it is asked. */
export interface SessionsListener {
  onRows(params: LogDidAppendParams): void;
  onThread(sessionId: number, thread: ThreadDto): void;
  onHits(sessionId: number, hits: readonly number[]): void;
  onRuleFailed(sessionId: number, rule: number, faultId: number, text: string): void;
  onRanges(sessionId: number, ranges: readonly RangeDto[]): void;
  onMapChange(sessionId: number, change: MapChangeDto | null): void;
  /** @param text what happened and what follows, for people */
  onLastHolder(sessionId: number, text: string): void;
  onForked(params: SessionDidForkParams): void;
  /** Bytes of a file that only the client may open. @throws Error whose message is a sentence for people */
  readFile(params: ReadFileParams): Promise<Uint8Array>;
  onEnded(params: SessionDidEndParams): void;
}

interface Session {
  readonly dto: SessionDto;
  /** Our duplicate. */
  readonly uffd: number;
  /** Of the process whose memory it is; -1 when that is not known. */
  readonly pidfd: number;
  readonly attached: AttachedUffd;
  readonly rangeWatch: RangeWatch;
  /** To the client. */
  readonly rows: RowStream;
  readonly children: ForkedChildren;
  readonly freeze: HandlerFreeze | undefined;
  readonly move: MoveInTarget;
  /** What a forked child begins with. */
  rules: readonly RuleDto[];
  /** Nobody else has the uffd open: what ends the session closes it. */
  isLast: boolean;
  /** What is to be told of the handler threads that were let go. */
  thawNotes: readonly string[];
}

/** Threads that are kept from going on by someone else than the session's freeze. */
export interface Held {
  /** Lets all of them go. */
  end(): void;
}

/** What the two ways to a session, attach and fork, have in common. */
interface Opening {
  readonly dto: SessionDto;
  readonly fds: AttachedDescriptors;
  readonly useNowait: boolean;
  /** What resolving by hand may break, a sentence each. */
  readonly warnings: readonly string[];
  readonly rules: readonly RuleDto[];
  /** The handler's threads that are stopped; undefined when none was to be. */
  readonly freeze: HandlerFreeze | undefined;
  /** Keeps threads of a launched program standing still. */
  readonly trace: Held | undefined;
}

export class Sessions {
  private readonly guardian: GuardianPair;
  private readonly readerScript: URL;
  private readonly listener: SessionsListener;
  private readonly sessions = new Map<number, Session>();
  private lastSessionId = 0;
  /** How often all sessions were ended: what was on its way to be one then must not become one. */
  private endings = 0;
  /** Forked children's uffds on their way to become sessions. */
  private readonly adoptions = new Set<Promise<void>>();

  /** @param readerScript the reader thread's program */
  constructor(guardian: GuardianPair, readerScript: URL, listener: SessionsListener) {
    this.guardian = guardian;
    this.readerScript = readerScript;
    this.listener = listener;
  }

  /**
   * @param trace ended when the session has handed everything back
   * @throws HelperError why the take over was refused; nothing has been read then
   */
  async attach(params: AttachParams, trace?: Held): Promise<SessionDto> {
    const { endings } = this;
    const { pid, rules = [] } = params;
    const uffd = findTargetUffd(params);
    this.refuseSecondSession(uffd);
    const holders = await holdersToTakeOverFrom(uffd.inode);
    // Another attach may have come meanwhile; until `open` there is none in between.
    this.refuseSecondSession(uffd);
    const stopped = findStoppedWaits(procRoot, holders, uffd.inode);
    const freeze = params.freeze === true ? await freezeLiveHandler(holders, uffd) : undefined;
    let session: Session;
    try {
      if (this.endings !== endings) {
        // All sessions were ended while the handler was being frozen.
        throw noSuchSession(this.lastSessionId + 1);
      }
      this.refuseSecondSession(uffd);
      session = this.open({
        ...this.takeDuplicate(pid, uffd, holders, stopped, freeze),
        rules,
        freeze,
        trace,
      });
    } catch (error) {
      freeze?.thaw();
      throw error;
    }
    try {
      if (freeze === undefined) {
        await refuseLiveHandler(holders, uffd);
      }
      // Not before: should we be killed, the guardian's WAKE must not disturb a live handler.
      await session.attached.prepare();
      await this.begin(session);
    } catch (error) {
      await this.abandon(session);
      throw error;
    }
    return session.dto;
  }

  /**
   * Duplicates the uffd, and looks whose memory it serves.
   * @throws HelperError as `duplicateUffd`, or kernelTooOld; nothing is left open then
   */
  private takeDuplicate(
    pid: number,
    uffd: UffdDto,
    holders: readonly Holder[],
    stopped: readonly HandlerWait[],
    freeze: HandlerFreeze | undefined,
  ): Pick<Opening, 'dto' | 'fds' | 'useNowait' | 'warnings'> {
    const { useNowait, ...duplicate } = duplicateUffd(pid, uffd);
    let fds: AttachedDescriptors = duplicate;
    try {
      if (uffd.isBlocking && !useNowait) {
        throw kernelTooOld();
      }
      const owner = findMemoryOwner(pid, duplicate, holders);
      fds = owner.fds;
      const frozen = freeze?.threads ?? [];
      const warnings = resolvingWarnings(procRoot, owner.pid, uffd, holders, frozen);
      const notes = [
        ...frozenNotes(frozen),
        ...ownerNotes(procRoot, owner.pid, pid),
        ...stoppedNotes(procRoot, stopped),
        ...sessionNotes(uffd.features, warnings),
      ];
      const dto = describeSession(++this.lastSessionId, owner.pid, uffd, notes, false, frozen);
      return { dto, fds, useNowait, warnings };
    } catch (error) {
      closeAll([fds.uffd, fds.pidfd]);
      throw error;
    }
  }

  private refuseSecondSession(uffd: UffdDto): void {
    for (const { dto } of this.sessions.values()) {
      if (dto.uffd.inode === uffd.inode) {
        throw alreadyAttached(dto.pid, dto.uffd.fd);
      }
    }
  }

  /** Makes a session of a forked child's uffd, which this process owns since the fork event was read. */
  private async adopt(parent: Session, childUffd: number): Promise<void> {
    const { endings } = this;
    const { fds, useNowait, pid, uffd } = await takeCustody(childUffd, parent.children);
    if (this.endings !== endings) {
      closeAll([fds.uffd, fds.pidfd]);
      return;
    }
    const dto = describeSession(++this.lastSessionId, pid, uffd, custodyNotes(pid, uffd.features), true);
    const { sessionId } = dto;
    this.listener.onForked({ parentSessionId: parent.dto.sessionId, session: dto });
    let session: Session | undefined;
    try {
      session = this.open({
        dto,
        fds,
        useNowait,
        warnings: [],
        rules: parent.rules,
        freeze: undefined,
        trace: undefined,
      });
      await session.attached.prepare();
      await this.begin(session);
    } catch (error) {
      if (session === undefined || (await this.abandon(session))) {
        this.listener.onEnded({ sessionId, reason: 'uffdFailed', text: custodyFailed(error) });
      }
    }
  }

  /** Loads what reads the uffd; nothing is read before `begin`. */
  private open({ dto, fds, useNowait, warnings, rules, freeze, trace }: Opening): Session {
    const { sessionId, pid, uffd, isCustody } = dto;
    const move = new MoveInTarget(dto, freeze);
    const rows = new RowStream((batch) =>
      this.listener.onRows({ sessionId, rows: Buffer.from(batch).toString('base64') }),
    );
    const attached = new AttachedUffd(
      sessionId,
      this.readerScript,
      fds,
      {
        pid,
        fd: uffd.fd,
        inode: uffd.inode,
        features: uffd.features,
        ioctlNames: uffd.ioctls,
        warnings,
        isCustody,
        useNowait,
        isBlocking: uffd.isBlocking,
        startTimeNs: BigInt(dto.startTimeNs),
      },
      this.guardian,
      {
        onBatch: (batch) => rows.append(batch),
        onThread: (tid) => this.listener.onThread(sessionId, { tid, comm: threadName(pid, tid) }),
        onHits: (hits) => this.listener.onHits(sessionId, hits),
        onRuleFailed: (rule, faultId, text) => this.listener.onRuleFailed(sessionId, rule, faultId, text),
        onRangesChanged: () => session.rangeWatch.hint(),
        onMapChange: (change) => this.listener.onMapChange(sessionId, change),
        onLastHolder: () => {
          session.isLast = true;
          this.listener.onLastHolder(sessionId, lastHolderText(pid));
        },
        onForked: (childUffd) => {
          const adoption = this.adopt(session, childUffd)
            .catch((error: unknown) => console.error(custodyFailed(error)))
            .finally(() => this.adoptions.delete(adoption));
          this.adoptions.add(adoption);
        },
        readFile: (chunk) => this.listener.readFile(chunk),
        move: (order) => move.move(order),
        onHandedBack: () => {
          session.thawNotes = freeze?.thaw() ?? [];
          trace?.end();
        },
        onEnded: (reason, handedBack, detail) => {
          rows.end();
          session.rangeWatch.stop();
          if (this.sessions.delete(sessionId)) {
            const end = endText(pid, reason, handedBack, detail, session.isLast);
            const text = [end, ...session.thawNotes].join(' ');
            this.listener.onEnded({ sessionId, reason, text });
          }
        },
      },
    );
    const session: Session = {
      dto,
      uffd: fds.uffd,
      pidfd: fds.pidfd,
      attached,
      rangeWatch: new RangeWatch(
        dto.ranges,
        () => rangesOf(pid),
        (ranges) => this.listener.onRanges(sessionId, ranges),
      ),
      rows,
      children: new ForkedChildren(procRoot, pid),
      freeze,
      move,
      rules,
      isLast: isCustody,
      thawNotes: [],
    };
    this.sessions.set(sessionId, session);
    return session;
  }

  private async begin({ attached, rules }: Session): Promise<void> {
    if (rules.length > 0) {
      await attached.call('setRules', { rules });
    }
    await attached.start();
  }

  /**
   * Ends a session that could not begin, without telling of it.
   * @returns false when it had ended by itself, which has been told
   */
  private async abandon({ dto, attached }: Session): Promise<boolean> {
    const isUntold = this.sessions.delete(dto.sessionId);
    await attached.detach('detached');
    return isUntold;
  }

  /** @throws HelperError lastHolder, noSuchSession */
  async detach({ sessionId, closesLast = false }: DetachParams): Promise<DetachResult> {
    const session = this.get(sessionId);
    const { pid, uffd, isCustody } = session.dto;
    // A forked child's is the last from the beginning, as its client knows.
    if (!isCustody) {
      session.isLast = isLastHolder(session.uffd, uffd.inode);
      if (session.isLast && !closesLast) {
        throw wouldCloseLast(whoseMemory(pid));
      }
    }
    return { handedBack: await session.attached.detach('detached'), notes: session.thawNotes };
  }

  ranges(sessionId: number): RangeDto[] {
    return rangesOf(this.get(sessionId).dto.pid);
  }

  resolve(
    { sessionId, what, action, lengthPages, around }: ResolveParams,
    control?: BatchControl,
  ): Promise<BatchResultDto> {
    const params = { what, action, lengthPages, around };
    return this.get(sessionId).attached.call('resolve', params, control);
  }

  wake({ sessionId, what }: WakeParams, control?: BatchControl): Promise<BatchResultDto> {
    return this.get(sessionId).attached.call('wake', { what }, control);
  }

  register({ sessionId, ...params }: RegisterParams): Promise<IoctlResultDto> {
    return this.get(sessionId).attached.call('register', params);
  }

  preflight({ sessionId, what }: PreflightParams): Promise<PreflightDto> {
    const { attached, move } = this.get(sessionId);
    return attached.call('preflight', { what, moveObstacle: move.obstacle });
  }

  preview({ sessionId, ...params }: PreviewParams): Promise<Uint8Array> {
    return this.get(sessionId).attached.call('preview', params);
  }

  /** @throws HelperError memoryUnreadable, noSuchSession */
  readMemory({ sessionId, address, lengthBytes }: ReadMemoryParams): Uint8Array {
    const { dto, pidfd } = this.get(sessionId);
    const bytes = readTargetMemory(dto.pid, BigInt(address), lengthBytes);
    if (hasEnded(pidfd)) {
      // Another process may have its pid by now, and the bytes may be of that one.
      throw memoryUnreadable(`Process ${dto.pid} has ended.`, 'address');
    }
    return bytes;
  }

  async setRules({ sessionId, rules }: SetRulesParams): Promise<void> {
    const session = this.get(sessionId);
    await session.attached.call('setRules', { rules });
    session.rules = rules;
  }

  /** The client has taken up the rows of a session, which may have ended meanwhile. */
  acknowledge({ sessionId, lastSequence }: RowsAcknowledgedParams): void {
    this.sessions.get(sessionId)?.rows.acknowledge(lastSequence);
  }

  /** Resolves when every forked child seen so far has become a session, or cannot become one. */
  async adopted(): Promise<void> {
    await Promise.all(this.adoptions);
  }

  /** Ends every session in order, each with its hand back. */
  async detachAll(reason: DetachReason): Promise<void> {
    this.endings++;
    await Promise.all([...this.sessions.values()].map(({ attached }) => attached.detach(reason)));
  }

  /** The hand back of all sessions without an event loop: the process is about to exit. */
  handBackNow(): void {
    for (const { attached, freeze } of this.sessions.values()) {
      attached.handBackNow();
      freeze?.thaw();
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
