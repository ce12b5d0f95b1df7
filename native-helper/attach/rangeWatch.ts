/** Tells of a session's registered ranges when they have changed; smaps is read a while after the first hint. */
import type { RangeDto } from '../protocol/ranges.ts';

/** Reading smaps walks page tables: many changes within this time are read once. */
const delayMs = 100;

export class RangeWatch {
  private readonly read: () => RangeDto[];
  private readonly onChanged: (ranges: RangeDto[]) => void;
  private known: string;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param ranges what has been told already
   * @param read reads the ranges of now
   */
  constructor(ranges: readonly RangeDto[], read: () => RangeDto[], onChanged: (ranges: RangeDto[]) => void) {
    this.known = placesOf(ranges);
    this.read = read;
    this.onChanged = onChanged;
  }

  /** The ranges may have changed. */
  hint(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const ranges = this.read();
      const places = placesOf(ranges);
      if (places !== this.known) {
        this.known = places;
        this.onChanged(ranges);
      }
    }, delayMs);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

/** What counts as a change: everything but how much happens to be mapped by huge pages. */
function placesOf(ranges: readonly RangeDto[]): string {
  return JSON.stringify(ranges.map((range) => ({ ...range, thpBytes: 0 })));
}
