/** Reports how often each rule was hit, at most every 100 ms. */
import type { ReaderMessage } from './readerProtocol.ts';

const intervalNs = 100e6;

export class RuleHits {
  private readonly post: (message: ReaderMessage) => void;
  private hits: readonly number[] = [];
  private reportedTotal = 0;
  private reportedNs = -Infinity;

  constructor(post: (message: ReaderMessage) => void) {
    this.post = post;
  }

  /** @param hits counted up by the matcher; a new list starts anew */
  follow(hits: readonly number[]): void {
    this.hits = hits;
    this.reportedTotal = 0;
  }

  /** When there is something to report; Infinity when there is not. */
  get nextDueNs(): number {
    return this.total() === this.reportedTotal ? Infinity : this.reportedNs + intervalNs;
  }

  /** @param nowNs Infinity reports the last hits at once */
  report(nowNs: number): void {
    if (this.nextDueNs !== Infinity && nowNs >= this.nextDueNs) {
      this.reportedTotal = this.total();
      this.reportedNs = nowNs;
      this.post({ kind: 'hits', hits: [...this.hits] });
    }
  }

  private total(): number {
    let total = 0;
    for (const hits of this.hits) {
      total += hits;
    }
    return total;
  }
}
