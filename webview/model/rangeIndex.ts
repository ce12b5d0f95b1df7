/** Which of the registered ranges a page lies in, for asking about very many pages. */
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';

const pageBytes = 4096;

export class RangeIndex {
  readonly ranges: readonly RangeDto[];
  /** Positions in `ranges` by address, and the 4 KiB pages each begins and ends with. */
  private readonly order: readonly number[];
  private readonly firstPages: Float64Array;
  private readonly endPages: Float64Array;

  constructor(ranges: readonly RangeDto[]) {
    this.ranges = ranges;
    const firstPage = ranges.map(({ start }) => Number(BigInt(start) / BigInt(pageBytes)));
    this.order = firstPage.map((_, n) => n).sort((a, b) => firstPage[a]! - firstPage[b]!);
    this.firstPages = Float64Array.from(this.order, (n) => firstPage[n]!);
    this.endPages = Float64Array.from(this.order, (n) => firstPage[n]! + ranges[n]!.lengthBytes / pageBytes);
  }

  /** Position in `ranges` of the one that holds a 4 KiB page, -1 when none does. */
  at(page: number): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.firstPages[middle]! > page) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low > 0 && page < this.endPages[low - 1]! ? this.order[low - 1]! : -1;
  }
}
