/**
 * One session: a uffd that is taken over, and what its client is told of it. Nothing is read before `begin`;
 * it ends with a hand back, by a detach, by the end of its target, or by a failure.
 */
import {
  AttachedUffd,
  type AttachedDescriptors,
  type BatchControl,
  type DetachReason,
} from './attach/attachedUffd.ts';
import { CodePlaces } from './attach/codePlaces.ts';
import { endText, lastHolderText, whoseMemory } from './attach/endText.ts';
import { ForkedChildren } from './attach/forkedChildren.ts';
import type { GuardianPair } from './attach/guardianPair.ts';
import type { HandlerFreeze } from './attach/handlerFreeze.ts';
import { isLastHolder } from './attach/lastHolder.ts';
import { MoveInTarget } from './attach/moveInTarget.ts';
import { RangeWatch } from './attach/rangeWatch.ts';
import { rangesOf, threadName } from './attach/sessionDto.ts';
import { RowStream } from './capture/rowStream.ts';
import { memoryUnreadable, wouldCloseLast } from './helperErrors.ts';
import { procRoot } from './inspect/procFile.ts';
import { readTargetMemory } from './inspect/targetMemory.ts';
import type { ReadFileParams } from './protocol/files.ts';
import type { CodeLocationDto } from './protocol/inspect.ts';
import type { PreviewParams, ReadMemoryParams } from './protocol/hexPreview.ts';
import type {
  BatchResultDto,
  IoctlResultDto,
  RegisterParams,
  ResolveParams,
  WakeParams,
} from './protocol/ioctls.ts';
import type { LogDidAppendParams } from './protocol/logRows.ts';
import type { PreflightDto, PreflightParams } from './protocol/preflight.ts';
import type { RangeDto } from './protocol/ranges.ts';
import type { RuleDto } from './protocol/rules.ts';
import type {
  DetachParams,
  DetachResult,
  MapChangeDto,
  SessionDidEndParams,
  SessionDto,
  ThreadDto,
} from './protocol/session.ts';
import { hasEnded } from './syscalls/pidfd.ts';

/** What the client of a session is told without asking, and the one thing it is asked. */
export interface SessionListener {
  onRows(params: LogDidAppendParams): void;
  onThread(sessionId: number, thread: ThreadDto): void;
  onCode(sessionId: number, code: CodeLocationDto): void;
  onHits(sessionId: number, hits: readonly number[]): void;
  onRuleFailed(sessionId: number, rule: number, faultId: number, text: string): void;
  onRanges(sessionId: number, ranges: readonly RangeDto[]): void;
  onMapChange(sessionId: number, change: MapChangeDto | null): void;
  /** @param text what happened and what follows, for people */
  onLastHolder(sessionId: number, text: string): void;
  /** Bytes of a file that only the client may open. @throws Error whose message is a sentence for people */
  readFile(params: ReadFileParams): Promise<Uint8Array>;
}

/** Threads that are kept from going on by someone else than the session's freeze. */
export interface Held {
  /** Lets all of them go. */
  end(): void;
}

/** What the two ways to a session, attach and fork, have in common. */
export interface Opening {
  readonly dto: SessionDto;
  /** Ours. */
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

/** What a session needs of the helper that it is one of. */
export interface SessionHost {
  readonly guardian: GuardianPair;
  /** The reader thread's program. */
  readonly readerScript: URL;
  readonly listener: SessionListener;
  /** @param childUffd that of a forked child, which this process owns now */
  onForked(session: Session, childUffd: number): void;
  onEnded(session: Session, end: SessionDidEndParams): void;
}

/** Requests name their session for whoever routes them here. */
type Params<P> = Omit<P, 'sessionId'>;

export class Session {
  readonly dto: SessionDto;
  readonly children: ForkedChildren;
  private readonly fds: AttachedDescriptors;
  private readonly attached: AttachedUffd;
  private readonly rangeWatch: RangeWatch;
  /** To the client. */
  private readonly rowStream: RowStream;
  private readonly freeze: HandlerFreeze | undefined;
  private readonly mover: MoveInTarget;
  private rulesInForce: readonly RuleDto[];
  /** Nobody else has the uffd open: what ends the session closes it. */
  private isLast: boolean;
  /** What is to be told of the handler threads that were let go. */
  private thawNotes: readonly string[] = [];

  /** Loads what reads the uffd. */
  constructor({ dto, fds, useNowait, warnings, rules, freeze, trace }: Opening, host: SessionHost) {
    const { sessionId, pid, uffd, isCustody } = dto;
    const { listener } = host;
    this.dto = dto;
    this.fds = fds;
    this.freeze = freeze;
    this.rulesInForce = rules;
    this.isLast = isCustody;
    this.children = new ForkedChildren(procRoot, pid);
    this.mover = new MoveInTarget(dto, freeze);
    this.rowStream = new RowStream((batch) =>
      listener.onRows({ sessionId, rows: Buffer.from(batch).toString('base64') }),
    );
    this.rangeWatch = new RangeWatch(
      dto.ranges,
      () => rangesOf(pid),
      (ranges) => listener.onRanges(sessionId, ranges),
    );
    const codePlaces = new CodePlaces(procRoot, pid);
    this.attached = new AttachedUffd(
      sessionId,
      host.readerScript,
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
      host.guardian,
      {
        onBatch: (batch) => this.rowStream.append(batch),
        onThread: (tid) => listener.onThread(sessionId, { tid, comm: threadName(pid, tid) }),
        onCode: (address) => listener.onCode(sessionId, codePlaces.locate(address)),
        onHits: (hits) => listener.onHits(sessionId, hits),
        onRuleFailed: (rule, faultId, text) => listener.onRuleFailed(sessionId, rule, faultId, text),
        onRangesChanged: () => this.rangeWatch.hint(),
        onMapChange: (change) => listener.onMapChange(sessionId, change),
        onLastHolder: () => {
          this.isLast = true;
          listener.onLastHolder(sessionId, lastHolderText(pid));
        },
        onForked: (childUffd) => host.onForked(this, childUffd),
        readFile: (chunk) => listener.readFile(chunk),
        move: (order) => this.mover.move(order),
        onHandedBack: () => {
          this.thawNotes = freeze?.thaw() ?? [];
          trace?.end();
        },
        onEnded: (reason, handedBack, detail) => {
          this.rowStream.end();
          this.rangeWatch.stop();
          const end = endText(pid, reason, handedBack, detail, this.isLast);
          host.onEnded(this, { sessionId, reason, text: [end, ...this.thawNotes].join(' ') });
        },
      },
    );
  }

  /** The guardians hold the uffd from here on: should we be killed, they wake its threads. */
  prepare(): Promise<void> {
    return this.attached.prepare();
  }

  /** Starts to read, by the rules of the opening. */
  async begin(): Promise<void> {
    if (this.rules.length > 0) {
      await this.attached.call('setRules', { rules: this.rules });
    }
    await this.attached.start();
  }

  /** What a forked child begins with. */
  get rules(): readonly RuleDto[] {
    return this.rulesInForce;
  }

  /** @throws HelperError lastHolder */
  async detach({ closesLast = false }: Params<DetachParams>): Promise<DetachResult> {
    const { pid, uffd, isCustody } = this.dto;
    // A forked child's is the last from the beginning, as its client knows.
    if (!isCustody) {
      this.isLast = isLastHolder(this.fds.uffd, uffd.inode);
      if (this.isLast && !closesLast) {
        throw wouldCloseLast(whoseMemory(pid));
      }
    }
    return { handedBack: await this.end('detached'), notes: this.thawNotes };
  }

  /** Ends it whoever holds the uffd. @returns faults that were handed back */
  end(reason: DetachReason): Promise<number> {
    return this.attached.detach(reason);
  }

  /** The hand back without an event loop: the process is about to exit. */
  handBackNow(): void {
    this.attached.handBackNow();
    this.freeze?.thaw();
  }

  /** The client has taken up the rows up to this one. */
  acknowledge(lastSequence: number): void {
    this.rowStream.acknowledge(lastSequence);
  }

  /** Registered ranges of now (proc_pid_smaps(5)). */
  get ranges(): RangeDto[] {
    return rangesOf(this.dto.pid);
  }

  resolve(
    { what, action, lengthPages, around }: Params<ResolveParams>,
    control?: BatchControl,
  ): Promise<BatchResultDto> {
    return this.attached.call('resolve', { what, action, lengthPages, around }, control);
  }

  wake({ what }: Params<WakeParams>, control?: BatchControl): Promise<BatchResultDto> {
    return this.attached.call('wake', { what }, control);
  }

  register(params: Params<RegisterParams>): Promise<IoctlResultDto> {
    return this.attached.call('register', params);
  }

  preflight({ what }: Params<PreflightParams>): Promise<PreflightDto> {
    return this.attached.call('preflight', { what, moveObstacle: this.mover.obstacle });
  }

  preview(params: Params<PreviewParams>): Promise<Uint8Array> {
    return this.attached.call('preview', params);
  }

  /** @throws HelperError memoryUnreadable */
  readMemory({ address, lengthBytes }: Params<ReadMemoryParams>): Uint8Array {
    const { pid } = this.dto;
    const bytes = readTargetMemory(pid, BigInt(address), lengthBytes);
    if (hasEnded(this.fds.pidfd)) {
      // Another process may have its pid by now, and the bytes may be of that one.
      throw memoryUnreadable(`Process ${pid} has ended.`, 'address');
    }
    return bytes;
  }

  /** From the next fault on; actions of earlier rules that still wait are dropped. */
  async setRules(rules: readonly RuleDto[]): Promise<void> {
    await this.attached.call('setRules', { rules });
    this.rulesInForce = rules;
  }
}
