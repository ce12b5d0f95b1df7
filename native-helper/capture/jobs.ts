/**
 * Requests that take longer than one turn of the reader loop: worked off in short slices,
 * between which the loop reads, because an event that nobody reads blocks every resolution.
 */
import type { FileChunks } from './fileChunks.ts';

/** All jobs together get this long in a turn. */
const sliceNs = 4e6;

/**
 * When a job goes on: ready = at once; asked = when the client has answered a question;
 * a number = at that time.
 */
export type JobState = 'finished' | 'ready' | 'asked' | { readonly atNs: number };

export interface Job {
  /** Of the request that it answers. */
  readonly id: number;
  /** Works until `deadlineNs`, at least one step. Answers its request itself when it has finished. */
  work(deadlineNs: number): JobState;
  /** Answers its request with what has been done. */
  stop(): void;
}

interface Entry {
  readonly job: Job;
  state: JobState;
  /** `FileChunks.revision` when the job last worked. */
  seenRevision: number;
}

export class Jobs {
  private readonly nowNs: () => number;
  private readonly files: FileChunks;
  private entries: Entry[] = [];

  /** @param nowNs the clock of the jobs' times */
  constructor(nowNs: () => number, files: FileChunks) {
    this.nowNs = nowNs;
    this.files = files;
  }

  get areAny(): boolean {
    return this.entries.length > 0;
  }

  add(job: Job): void {
    this.entries.push({ job, state: 'ready', seenRevision: this.files.revision });
  }

  /** One slice: every job that can go on gets an equal share, so that none waits for a long one. */
  work(): void {
    const startNs = this.nowNs();
    const ready = this.entries.filter((entry) => this.waitNs(entry, startNs) <= 0);
    for (const entry of ready) {
      entry.seenRevision = this.files.revision;
      entry.state = entry.job.work(this.nowNs() + sliceNs / ready.length);
    }
    this.entries = this.entries.filter(({ state }) => state !== 'finished');
  }

  /** How long the loop may sleep before a job can go on, in nanoseconds; Infinity without any. */
  sleepNs(nowNs: number): number {
    return this.entries.reduce((least, entry) => Math.min(least, this.waitNs(entry, nowNs)), Infinity);
  }

  /** Stops a job between two ioctls; one that has finished is not disturbed. */
  cancel(id: number): void {
    this.entries.filter(({ job }) => job.id === id).forEach(({ job }) => job.stop());
    this.entries = this.entries.filter(({ job }) => job.id !== id);
  }

  /** Stops all: the session is ending. */
  stopAll(): void {
    this.entries.forEach(({ job }) => job.stop());
    this.entries = [];
  }

  private waitNs({ state, seenRevision }: Entry, nowNs: number): number {
    if (state === 'asked') {
      return this.files.revision === seenRevision ? Infinity : 0;
    }
    return typeof state === 'object' ? state.atNs - nowNs : 0;
  }
}
