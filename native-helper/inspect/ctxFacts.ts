/** What one look at a ctx finds; `diagnosis.ts` concludes from it. */
import type { CtxDto } from '../protocol/inspect.ts';
import type { ThreadFacts } from './threadFacts.ts';

export interface CtxFacts extends Omit<CtxDto, 'findings'> {
  /** CLOCK_MONOTONIC. */
  readonly timeNs: bigint;
  /** Unresolved faults that it has had at every look of late: the fewest of them all. */
  readonly steadyTotal: number;
  /** Of waiters, handlers, and every thread of the holders that could be one, by tid. */
  readonly threads: ReadonlyMap<number, ThreadFacts>;
  /** Processes that had memory registered at an earlier look and have ended, in words; none while any has. */
  readonly goneOwners: readonly string[];
  /** Processes that had it open at an earlier look, in words. */
  readonly lostHolders: readonly string[];
}

export interface MachineFacts {
  /** Huge pages of the default size that are free, and that size; null when not known. */
  readonly hugePages: { readonly free: number; readonly pageBytes: number } | null;
  /** Memory of a process, undefined where it is missing or may not be read. */
  readonly readMemory: (pid: number, address: bigint, lengthBytes: number) => DataView | undefined;
  /** Kernel stack of a thread, innermost frame first; empty where it may not be read. */
  readonly kernelStack: (pid: number, tid: number) => readonly string[];
}
