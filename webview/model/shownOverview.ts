/** The overview of the faults that pass a filter: it goes through what the filter has looked at, in slices. */
import { type FaultTable } from './faultTable.ts';
import { type MatchedFaults } from './matchedFaults.ts';
import { SessionOverview } from './sessionOverview.ts';

/** Faults gone through between two looks at the clock. */
const sliceLength = 2048;

export class ShownOverview extends SessionOverview {
  readonly of: MatchedFaults;
  private seenCount = 0;
  /** The first fault that was kept at the last look. */
  private keptFrom = 0;
  /** Faults of which it is not certain yet whether they pass. */
  private unsettled: number[] = [];

  constructor(of: MatchedFaults, faults: FaultTable, startNs: number) {
    super(faults, startNs);
    this.of = of;
  }

  /**
   * Takes up what is new, as long as `mayGoOn`.
   * @returns whether it is up to date
   */
  update(mayGoOn: () => boolean): boolean {
    const { of } = this;
    this.forget();
    this.unsettled = this.unsettled.filter((i) => {
      const isSettled = of.isSettled(i);
      if (isSettled && of.has(i)) {
        this.ended(i);
      }
      return !isSettled;
    });
    while (this.seenCount < of.seenCount) {
      const from = this.seenCount;
      const until = Math.min(of.seenCount, from + sliceLength);
      for (let i = of.firstBetween(from, until); i !== -1; i = of.firstBetween(i + 1, until)) {
        if (of.isSettled(i)) {
          this.ended(i);
        }
      }
      this.seenCount = until;
      for (const i of of.unsettled) {
        if (i >= from && i < until) {
          this.unsettled.push(i);
        }
      }
      if (!mayGoOn()) {
        return this.seenCount === of.seenCount;
      }
    }
    return true;
  }

  private forget(): void {
    const { faults } = this;
    if (faults.first !== this.keptFrom) {
      this.keptFrom = faults.first;
      this.seenCount = Math.max(this.seenCount, faults.first);
      this.unsettled = this.unsettled.filter((i) => faults.isKnown(i));
      this.dropped();
    }
  }
}
