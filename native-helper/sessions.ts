/** The helper's sessions: attaches, makes sessions of forked children, and ends them all. */
import { closeAll, type AttachedDescriptors, type DetachReason } from './attach/attachedUffd.ts';
import { takeCustody } from './attach/custody.ts';
import { custodyFailed } from './attach/endText.ts';
import type { GuardianPair } from './attach/guardianPair.ts';
import type { HandlerFreeze } from './attach/handlerFreeze.ts';
import { findMemoryOwner } from './attach/memoryOwner.ts';
import { describeSession } from './attach/sessionDto.ts';
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
import { alreadyAttached, kernelTooOld, noSuchSession } from './helperErrors.ts';
import { findStoppedWaits, type HandlerWait } from './inspect/handlerWait.ts';
import type { Holder } from './inspect/holders.ts';
import { procRoot } from './inspect/procFile.ts';
import type { UffdDto } from './protocol/processes.ts';
import type {
  AttachParams,
  SessionDidEndParams,
  SessionDidForkParams,
  SessionDto,
} from './protocol/session.ts';
import { Session, type Held, type Opening, type SessionHost, type SessionListener } from './session.ts';

/** What a client is told of sessions that come and go, besides what it is told of each. */
export interface SessionsListener extends SessionListener {
  onForked(params: SessionDidForkParams): void;
  onEnded(params: SessionDidEndParams): void;
}

export class Sessions {
  private readonly listener: SessionsListener;
  private readonly host: SessionHost;
  private readonly sessions = new Map<number, Session>();
  private lastSessionId = 0;
  /** How often all sessions were ended: what was on its way to be one then must not become one. */
  private endings = 0;
  /** Forked children's uffds on their way to become sessions. */
  private readonly adoptions = new Set<Promise<void>>();

  /** @param readerScript the reader thread's program */
  constructor(guardian: GuardianPair, readerScript: URL, listener: SessionsListener) {
    this.listener = listener;
    this.host = {
      guardian,
      readerScript,
      listener,
      onForked: (parent, childUffd) => this.takeUpFork(parent, childUffd),
      onEnded: (session, end) => {
        if (this.sessions.delete(session.dto.sessionId)) {
          listener.onEnded(end);
        }
      },
    };
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
    const freeze = params.freeze === true ? await freezeLiveHandler(pid, holders, uffd) : undefined;
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
        await refuseLiveHandler(pid, holders, uffd);
      }
      // Not before: should we be killed, the guardian's WAKE must not disturb a live handler.
      await session.prepare();
      await session.begin();
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

  private takeUpFork(parent: Session, childUffd: number): void {
    const adoption = this.adopt(parent, childUffd)
      .catch((error: unknown) => console.error(custodyFailed(error)))
      .finally(() => this.adoptions.delete(adoption));
    this.adoptions.add(adoption);
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
      await session.prepare();
      await session.begin();
    } catch (error) {
      if (session === undefined || (await this.abandon(session))) {
        this.listener.onEnded({ sessionId, reason: 'uffdFailed', text: custodyFailed(error) });
      }
    }
  }

  private open(opening: Opening): Session {
    const session = new Session(opening, this.host);
    this.sessions.set(opening.dto.sessionId, session);
    return session;
  }

  /**
   * Ends a session that could not begin, without telling of it.
   * @returns false when it had ended by itself, which has been told
   */
  private async abandon(session: Session): Promise<boolean> {
    const isUntold = this.sessions.delete(session.dto.sessionId);
    await session.end('detached');
    return isUntold;
  }

  /** @throws HelperError noSuchSession */
  get(sessionId: number): Session {
    const session = this.find(sessionId);
    if (session === undefined) {
      throw noSuchSession(sessionId);
    }
    return session;
  }

  /** Undefined when it has ended. */
  find(sessionId: number): Session | undefined {
    return this.sessions.get(sessionId);
  }

  /** Resolves when every forked child seen so far has become a session, or cannot become one. */
  async adopted(): Promise<void> {
    await Promise.all(this.adoptions);
  }

  /** Ends every session in order, each with its hand back. */
  async detachAll(reason: DetachReason): Promise<void> {
    this.endings++;
    await Promise.all([...this.sessions.values()].map((session) => session.end(reason)));
  }

  /** The hand back of all sessions without an event loop: the process is about to exit. */
  handBackNow(): void {
    for (const session of this.sessions.values()) {
      session.handBackNow();
    }
  }
}
