/** When the main thread is told that the registered ranges may have changed. */
import type { UffdMessage } from '../abi/uffdMessage.ts';
import type { TargetRanges } from './targetRanges.ts';

/** The main thread looks some time after it was told, so that it need not be told of each event. */
const minIntervalMs = 50;

export class RangesNews {
  private readonly ranges: TargetRanges;
  private readonly post: () => void;
  private knownRevision: number;
  private postedMs = -Infinity;

  /** @param post tells the main thread */
  constructor(ranges: TargetRanges, post: () => void) {
    this.ranges = ranges;
    this.post = post;
    this.knownRevision = ranges.revision;
  }

  /** A fault has been read: one from outside the known ranges shows that they have changed unseen. */
  onFault(address: number): void {
    this.ranges.containingNow(address);
  }

  /** Notices that somebody found other ranges than before. For every turn of the loop. */
  look(): void {
    if (this.ranges.revision !== this.knownRevision) {
      this.knownRevision = this.ranges.revision;
      this.tell();
    }
  }

  /** Another event has been read: it comes when the mapping has already moved or gone. */
  onEvent(message: UffdMessage): void {
    if (message.event === 'remap' || message.event === 'unmap') {
      this.tell();
    }
  }

  private tell(): void {
    const nowMs = performance.now();
    if (nowMs - this.postedMs >= minIntervalMs) {
      this.postedMs = nowMs;
      this.post();
    }
  }
}
