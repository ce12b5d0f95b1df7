/**
 * Looks at every uffd of the machine, through /proc only: no target notices. Remembers earlier
 * looks, because that a thread makes no progress is seen only from two.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { CtxDto, FindingDto, InspectedHolderDto, InspectionDto } from '../protocol/inspect.ts';
import { CpuClocks } from './cpuClocks.ts';
import type { CtxFacts, MachineFacts } from './ctxFacts.ts';
import { isDebugger } from './debuggerNames.ts';
import { readUffd } from './descriptors.ts';
import { diagnose } from './diagnosis.ts';
import { handlerThreads, type KnownHandler } from './handlerThreads.ts';
import { inspectedWaiters, isWaiter } from './inspectedWaiters.ts';
import { MemoryOwners, type OwnedMemory } from './memoryOwners.ts';
import { readCommandLine } from './processes.ts';
import { procComm, procNumbers, procText } from './procFile.ts';
import { readThread, type ThreadFacts } from './threadFacts.ts';
import { UffdSearch, type Held } from './uffdSearch.ts';

/** Two looks this far apart tell progress from its lack. */
const settleMs = 1000;
/** A timer may be early by a little. */
const leastGapNs = 900_000_000n;
/** Who looks this often needs no second look: the next is soon. */
const watchedNs = 5_000_000_000n;
/** Looks kept of a ctx, however often it is looked at. */
const mostLooks = 16;

/** Asks the kernel whether two descriptors are one file; undefined where it does not tell. */
export type SameFile = (pid: number, fd: number, otherPid: number, otherFd: number) => boolean | undefined;

export interface InspectorSystem {
  readonly procRoot: string;
  readonly nowNs: () => bigint;
  readonly isSameFile: SameFile;
  readonly machine: () => MachineFacts;
}

/** A thread that has left its CPU so often, and no more since. */
interface Stillness {
  readonly switches: number;
  readonly sinceNs: bigint;
}

/** What is remembered of a ctx. */
interface Memory {
  /** Looks, oldest first: the first is the newest that is old enough to hold the last against. */
  looks: CtxFacts[];
  /** Threads that were seen to wait on it, by tid. */
  readonly handlers: Map<number, KnownHandler>;
  /** Since when the waiters of the last look have been seen not to run, by tid. */
  still: ReadonlyMap<number, Stillness>;
  /** Holders and owners ever seen, in words, by pid. */
  readonly holders: Map<number, string>;
  readonly owners: Map<number, string>;
}

export class Inspector {
  private readonly system: InspectorSystem;
  private readonly memories = new Map<number, Memory>();
  private readonly owners: MemoryOwners;
  private readonly search: UffdSearch;

  constructor(system: InspectorSystem) {
    this.system = system;
    this.owners = new MemoryOwners(system.procRoot);
    this.search = new UffdSearch(system.procRoot);
  }

  /**
   * Everything about every uffd that can be seen, or about those of one process. Takes a second
   * look a moment later when something sleeps that was not seen before, unless it is called often.
   */
  async inspect(pid?: number): Promise<InspectionDto> {
    const first = await this.look();
    const { ctxs, unreadableProcesses } = this.isNews() ? await this.lookAgain() : first;
    return {
      ctxs: ctxs.filter((ctx) => pid === undefined || concerns(ctx, pid)),
      unreadableProcesses,
    };
  }

  private async lookAgain(): Promise<InspectionDto> {
    await setTimeout(settleMs);
    return this.look();
  }

  /** Whether a conclusion waits for a second look: something sleeps that did not before. */
  private isNews(): boolean {
    return [...this.memories.values()].some((memory) => {
      const latest = memory.looks.at(-1)!;
      const before = lookBefore(memory);
      const last = memory.looks.at(-2);
      if (before !== undefined && last !== undefined && latest.timeNs - last.timeNs < watchedNs) {
        return false;
      }
      return (
        latest.waiters.some(
          ({ tid }) => before?.threads.get(tid)?.switches !== latest.threads.get(tid)?.switches,
        ) ||
        (before === undefined && !latest.uffd.isApiDone)
      );
    });
  }

  private async look(): Promise<InspectionDto> {
    const { held, unreadableProcesses } = await this.search.find(this.system.nowNs());
    const byInode = new Map<number, Held[]>();
    for (const one of held) {
      byInode.set(one.uffd.inode, [...(byInode.get(one.uffd.inode) ?? []), one]);
    }
    const threads = new ThreadsOnce(this.system.procRoot);
    const clocks = new CpuClocks(this.system.procRoot);
    const everyHolder = new Set(held.map(({ pid }) => pid));
    const memory = new Map(
      await Promise.all(
        [...byInode].map(async ([inode, all]) => {
          const holders = [...new Set(all.map(({ pid }) => pid))];
          const isStuck = (pid: number): boolean => this.hasSleptOn(threads.of(pid));
          const owned = await this.owners.of(inode, holders, everyHolder, this.system.nowNs(), isStuck);
          return [inode, owned] as const;
        }),
      ),
    );
    const machine = this.system.machine();
    const seen: CtxFacts[] = [];
    for (const [inode, all] of byInode) {
      const facts = this.facts(inode, all, memory, threads, clocks);
      // What was closed meanwhile, for instance by the end of its process, was read in part.
      if (readUffd(this.system.procRoot, facts.pid, facts.uffd.fd)?.inode === inode) {
        seen.push(facts);
      }
      await setImmediate();
    }
    const ctxs = seen.map((facts) => {
      const before = lookBefore(this.remember(facts));
      const others = seen.filter((other) => other !== facts);
      return ctxDto(facts, diagnose(facts, before, others, machine));
    });
    this.forgetAllBut(seen);
    return { ctxs, unreadableProcesses };
  }

  private facts(
    inode: number,
    held: readonly Held[],
    memory: ReadonlyMap<number, readonly OwnedMemory[]>,
    threadsOnce: ThreadsOnce,
    clocks: CpuClocks,
  ): CtxFacts {
    const { procRoot } = this.system;
    const owned = memory.get(inode)!;
    const holders = this.holders(held);
    const owners = owned.map(({ pid }) => pid);
    const own = held.filter(({ pid }) => !isDebugger(procRoot, pid));
    // Attached to through the process whose memory it is, where that has it open.
    const through = own.find(({ pid }) => owners.includes(pid)) ?? own[0] ?? held[0]!;
    const isShared = (pid: number): boolean =>
      [...memory].some(([other, those]) => other !== inode && those.some((that) => that.pid === pid));
    const concerned = [...new Set([...own.map(({ pid }) => pid), ...owners])];
    const threads = concerned.flatMap((pid) => threadsOnce.of(pid));
    const outside = own.map(({ pid }) => pid).filter((pid) => !owners.includes(pid));
    const remembered = this.memoryOf(inode);
    const { looks, handlers: known } = remembered;
    const handlers = handlerThreads(
      procRoot,
      holders.filter(({ isDebugger: ours }) => !ours),
      inode,
      threads,
      known,
      new Set(owners.length > 0 ? outside : []),
    );
    const timeNs = this.system.nowNs();
    const still = new Map<number, Stillness>();
    const asleepNs = ({ pid, tid, switches }: ThreadFacts): number => {
      const seen = remembered.still.get(tid);
      const sinceNs = seen?.switches === switches ? seen.sinceNs : timeNs;
      still.set(tid, { switches, sinceNs });
      return Math.max(Number(timeNs - sinceNs), Math.round(clocks.leastAsleepMs(pid, tid) * 1e6));
    };
    const { uffd } = through;
    const steadyTotal = Math.min(uffd.total, ...looks.map((look) => look.uffd.total));
    // After the handlers: who still sleeps now was not served by a handler that was seen to wait.
    const waiters =
      uffd.total === 0 && !threads.some(isWaiter)
        ? []
        : concerned.flatMap((pid) =>
            inspectedWaiters(procRoot, pid, threadsOnce.of(pid), isShared(pid), asleepNs).filter(
              // Threads that sleep on for no fault of this one wait for another.
              ({ mode, isInferred }) => !isInferred || mode === 'event' || steadyTotal > 0,
            ),
          );
    remembered.still = still;
    return {
      inode,
      pid: through.pid,
      comm: procComm(`${procRoot}/${through.pid}`),
      commandLine: readCommandLine(procRoot, through.pid),
      uffd,
      ownerPids: owners,
      holders,
      handlers,
      // A ctx is about one memory, which several processes can share.
      ranges: [
        ...new Map(owned.flatMap(({ ranges }) => ranges).map((range) => [range.start, range])).values(),
      ],
      waiters,
      unreadable: unreadableParts(procRoot, through.pid, owners),
      timeNs,
      steadyTotal,
      threads: new Map(threads.map((thread) => [thread.tid, thread])),
      goneOwners: owners.length === 0 ? this.goneOwners(inode) : [],
      lostHolders: this.lostHolders(inode, holders),
    };
  }

  private holders(held: readonly Held[]): InspectedHolderDto[] {
    const { procRoot, isSameFile } = this.system;
    const first = held[0]!;
    const byPid = new Map<number, number[]>();
    for (const { pid, uffd } of held) {
      byPid.set(pid, [...(byPid.get(pid) ?? []), uffd.fd]);
    }
    return [...byPid].map(([pid, fds]) => ({
      pid,
      comm: procComm(`${procRoot}/${pid}`),
      fds,
      isConfirmed:
        (pid === first.pid && fds[0] === first.uffd.fd) ||
        isSameFile(first.pid, first.uffd.fd, pid, fds[0]!) === true,
      isDebugger: isDebugger(procRoot, pid),
    }));
  }

  private lostHolders(inode: number, holders: readonly InspectedHolderDto[]): string[] {
    const now = new Set(holders.map(({ pid }) => pid));
    return [...(this.memories.get(inode)?.holders ?? [])]
      .filter(([pid]) => !now.has(pid))
      .map(([, words]) => words);
  }

  private goneOwners(inode: number): string[] {
    return [...(this.memories.get(inode)?.owners ?? [])]
      .filter(([pid]) => procComm(`${this.system.procRoot}/${pid}`) === '')
      .map(([, words]) => words);
  }

  private memoryOf(inode: number): Memory {
    let memory = this.memories.get(inode);
    if (memory === undefined) {
      memory = { looks: [], handlers: new Map(), still: new Map(), holders: new Map(), owners: new Map() };
      this.memories.set(inode, memory);
    }
    return memory;
  }

  private remember(facts: CtxFacts): Memory {
    const memory = this.memoryOf(facts.inode);
    memory.looks.push(facts);
    while (memory.looks.length > 1 && facts.timeNs - memory.looks[1]!.timeNs >= leastGapNs) {
      memory.looks.shift();
    }
    if (memory.looks.length > mostLooks) {
      memory.looks.splice(1, 1);
    }
    for (const { pid, comm, isDebugger: ours } of facts.holders) {
      if (!ours) {
        memory.holders.set(pid, `${pid} (${comm})`);
      }
    }
    for (const pid of facts.ownerPids) {
      memory.owners.set(pid, `${pid} (${procComm(`${this.system.procRoot}/${pid}`)})`);
    }
    return memory;
  }

  /** Whether one of the threads sleeps because of a uffd and has not run since the last look. */
  private hasSleptOn(threads: readonly ThreadFacts[]): boolean {
    const before = [...this.memories.values()].flatMap(({ looks }) => looks.slice(-1));
    return threads.some(
      (thread) =>
        isWaiter(thread) && before.some((look) => look.threads.get(thread.tid)?.switches === thread.switches),
    );
  }

  private forgetAllBut(seen: readonly CtxFacts[]): void {
    const inodes = new Set(seen.map(({ inode }) => inode));
    for (const inode of this.memories.keys()) {
      if (!inodes.has(inode)) {
        this.memories.delete(inode);
      }
    }
    this.owners.keep(
      inodes,
      new Set(seen.flatMap(({ holders, ownerPids }) => [...holders.map(({ pid }) => pid), ...ownerPids])),
    );
  }
}

/** The newest look that is old enough, seen from the last. */
function lookBefore({ looks }: Memory): CtxFacts | undefined {
  const [first] = looks;
  return first !== undefined && looks.at(-1)!.timeNs - first.timeNs >= leastGapNs ? first : undefined;
}

/** Reads the threads of a process once for one look. */
class ThreadsOnce {
  private readonly procRoot: string;
  private readonly read = new Map<number, readonly ThreadFacts[]>();

  constructor(procRoot: string) {
    this.procRoot = procRoot;
  }

  of(pid: number): readonly ThreadFacts[] {
    let threads = this.read.get(pid);
    if (threads === undefined) {
      threads = procNumbers(`${this.procRoot}/${pid}/task`).map((tid) => readThread(this.procRoot, pid, tid));
      this.read.set(pid, threads);
    }
    return threads;
  }
}

function ctxDto(facts: CtxFacts, findings: readonly FindingDto[]): CtxDto {
  const { inode, pid, comm, commandLine, uffd, ownerPids, holders, handlers, ranges, waiters, unreadable } =
    facts;
  return {
    inode,
    pid,
    comm,
    commandLine,
    uffd,
    ownerPids,
    holders,
    handlers,
    ranges,
    waiters,
    findings,
    unreadable,
  };
}

function concerns({ holders, ownerPids }: CtxDto, pid: number): boolean {
  return ownerPids.includes(pid) || holders.some((holder) => holder.pid === pid);
}

function unreadableParts(procRoot: string, pid: number, owners: readonly number[]): string[] {
  const wchan = procText(`${procRoot}/${pid}/wchan`);
  return [
    ...(owners.length === 0 && procText(`${procRoot}/${pid}/smaps`) === undefined
      ? ['registered ranges (no permission to read smaps)']
      : []),
    ...(wchan === undefined ? ['what its threads sleep in (no permission to read wchan)'] : []),
  ];
}
