/** Some of a session's faults, as far as is known yet: all of them, or those that match a filter. */
import { endOpen, type FaultTable } from './faultTable.ts';

export interface SomeFaults {
  /** How many have been looked at: those before this index. */
  readonly seenCount: number;
  /** Faults looked at that are open, or were then: they may come to be among these, or cease to be. */
  readonly unsettled: Iterable<number>;
  isSettled(i: number): boolean;
  /** Whether fault `i` is among them. */
  has(i: number): boolean;
  /** The first of them from `from` on and before `until`, -1 for none. */
  firstBetween(from: number, until: number): number;
}

export class AllFaults implements SomeFaults {
  private readonly faults: FaultTable;

  constructor(faults: FaultTable) {
    this.faults = faults;
  }

  get seenCount(): number {
    return this.faults.count;
  }

  get unsettled(): Iterable<number> {
    return this.faults.open;
  }

  isSettled(i: number): boolean {
    return this.faults.end(i) !== endOpen;
  }

  has(): boolean {
    return true;
  }

  firstBetween(from: number, until: number): number {
    return from < until ? from : -1;
  }
}
