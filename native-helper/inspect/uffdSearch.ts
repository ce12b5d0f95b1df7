/**
 * Finding every uffd of the machine among the descriptors of all processes, again and again: most
 * processes have none and get none, and are passed over while they have as many descriptors as before.
 */
import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { UffdDto } from '../protocol/processes.ts';
import { readUffd, uffdNumbers } from './descriptors.ts';
import { listPids } from './processes.ts';

/** Processes looked at before the event loop gets a turn. */
const scanChunk = 64;
/** A process is passed over no longer than this: it may have closed one descriptor and opened another. */
const longestPassNs = 5_000_000_000n;

/** A descriptor of a uffd. */
export interface Held {
  readonly pid: number;
  readonly uffd: UffdDto;
}

/** A process in which no uffd was found. */
interface Without {
  readonly descriptors: number;
  readonly isUnreadable: boolean;
  readonly timeNs: bigint;
}

export class UffdSearch {
  private readonly procRoot: string;
  private without = new Map<number, Without>();

  constructor(procRoot: string) {
    this.procRoot = procRoot;
  }

  /** @returns every descriptor of a uffd that may be seen, and how many processes let nobody see theirs */
  async find(timeNs: bigint): Promise<{ held: Held[]; unreadableProcesses: number }> {
    const held: Held[] = [];
    const without = new Map<number, Without>();
    const pids = listPids(this.procRoot);
    for (let i = 0; i < pids.length; i += scanChunk) {
      for (const pid of pids.slice(i, i + scanChunk)) {
        const found = this.lookInto(pid, timeNs);
        if ('length' in found) {
          held.push(...found);
        } else {
          without.set(pid, found);
        }
      }
      await setImmediate();
    }
    this.without = without;
    return { held, unreadableProcesses: [...without.values()].filter((one) => one.isUnreadable).length };
  }

  private lookInto(pid: number, timeNs: bigint): Held[] | Without {
    const { procRoot } = this;
    const descriptors = countDescriptors(`${procRoot}/${pid}/fd`);
    const before = this.without.get(pid);
    if (
      before !== undefined &&
      descriptors > 0 &&
      before.descriptors === descriptors &&
      timeNs - before.timeNs < longestPassNs
    ) {
      return before;
    }
    const fds = uffdNumbers(procRoot, pid);
    const held = 'unreadable' in fds ? [] : fds.numbers.flatMap((fd) => heldOf(procRoot, pid, fd));
    return held.length > 0
      ? held
      : { descriptors, isUnreadable: 'unreadable' in fds && fds.unreadable === 'notPermitted', timeNs };
  }
}

function heldOf(procRoot: string, pid: number, fd: number): Held[] {
  const uffd = readUffd(procRoot, pid, fd);
  return uffd === undefined ? [] : [{ pid, uffd }];
}

/** How many descriptors a process has, which kernels from 6.2 on tell as the size of their folder; else 0. */
function countDescriptors(folder: string): number {
  try {
    return statSync(folder).size;
  } catch {
    return 0;
  }
}
