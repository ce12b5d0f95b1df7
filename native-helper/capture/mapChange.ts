/**
 * The "map is changing" lamp. From the moment that a fork, mremap, madvise or munmap of the
 * target begins until its thread has run after the event was read, the kernel answers every
 * resolution with EAGAIN (mmap_changing in fs/userfaultfd.c).
 */
import type { UffdMessage } from '../abi/uffdMessage.ts';
import { readEventWaiters } from '../inspect/waiters.ts';
import type { MapChangeDto } from '../protocol/session.ts';
import { probeMemory } from './memoryProbe.ts';
import type { UffdIoctl } from './uffdIoctl.ts';

/** A change that settles within the same turn is told of at most this often. */
const minIntervalMs = 100;

export class MapChange {
  private readonly procRoot: string;
  private readonly pid: number;
  private readonly ioctls: UffdIoctl;
  private readonly post: (change: MapChangeDto | null) => void;
  private change: MapChangeDto | null = null;
  private posted: MapChangeDto | null = null;
  private begunMs = -Infinity;

  /**
   * @param pid 0 when it is not known: then no thread is named
   * @param post told when the map begins to change, and null when it has settled
   */
  constructor(procRoot: string, pid: number, ioctls: UffdIoctl, post: (change: MapChangeDto | null) => void) {
    this.procRoot = procRoot;
    this.pid = pid;
    this.ioctls = ioctls;
    this.post = post;
  }

  /** Whether to come back soon, to see that it has settled. */
  get isChanging(): boolean {
    return this.change !== null;
  }

  /** A message other than a fault has just been read. */
  onEvent(message: UffdMessage): void {
    const change = changeOf(message);
    if (change !== undefined) {
      // Whoever was seen waiting for an event to be read has been waiting for this one.
      this.begin(change, this.change?.event === null ? this.change : this.blockedThread());
    }
  }

  /** Asks the kernel whether somebody waits for an event to be read. */
  ask(): void {
    probeMemory(this.ioctls);
    this.look();
  }

  /** Notices that a change has begun or settled. For every turn of the loop: free while nothing changes. */
  look(): void {
    if (this.change === null && !this.ioctls.hasMetMapChange) {
      return;
    }
    this.ioctls.hasMetMapChange = false;
    if (probeMemory(this.ioctls) !== 'changing') {
      this.change = null;
    } else if (this.change === null) {
      this.begin({ event: null, start: '0x0', lengthBytes: 0 }, this.blockedThread());
    }
    this.tell();
  }

  private begin(
    change: Omit<MapChangeDto, 'tid' | 'comm'>,
    { tid, comm }: Pick<MapChangeDto, 'tid' | 'comm'>,
  ): void {
    this.change = { ...change, tid, comm };
    const nowMs = performance.now();
    if (this.posted !== null || nowMs - this.begunMs >= minIntervalMs) {
      this.begunMs = nowMs;
      this.tell();
    }
  }

  private tell(): void {
    if (this.posted !== this.change) {
      this.posted = this.change;
      this.post(this.change);
    }
  }

  /** The thread that waits; none where several do, for which is whose cannot be told. */
  private blockedThread(): Pick<MapChangeDto, 'tid' | 'comm'> {
    const [waiter, other] = this.pid === 0 ? [] : readEventWaiters(this.procRoot, this.pid);
    return waiter === undefined || other !== undefined ? { tid: 0, comm: '' } : waiter;
  }
}

function changeOf(message: UffdMessage): Omit<MapChangeDto, 'tid' | 'comm'> | undefined {
  switch (message.event) {
    case 'fork':
      return { event: 'fork', start: '0x0', lengthBytes: 0 };
    case 'remap':
      return range('remap', message.from, message.lengthBytes);
    case 'remove':
    case 'unmap':
      return range(message.event, message.start, message.end - message.start);
    default:
      return undefined;
  }
}

function range(event: 'remap' | 'remove' | 'unmap', start: bigint, lengthBytes: bigint) {
  return { event, start: `0x${start.toString(16)}`, lengthBytes: Number(lengthBytes) };
}
