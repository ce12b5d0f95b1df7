/** The registered ranges laid one behind the other, so that pages far apart share one axis without gaps. */
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import { hexAddress } from './faultWords.ts';

const pageBytes = 4096;

interface Stretch {
  readonly firstPage: number;
  readonly pages: number;
  /** Pages of the ranges before it. */
  readonly place: number;
  readonly range: RangeDto;
}

export class AddressAxis {
  /** By address. */
  readonly stretches: readonly Stretch[];
  /** Pages of all ranges. */
  readonly pages: number;
  /** The stretch that was asked for last: faults come in runs. */
  private last = 0;

  constructor(ranges: readonly RangeDto[]) {
    let place = 0;
    this.stretches = ranges
      .map((range) => ({ range, firstPage: Number(BigInt(range.start) / BigInt(pageBytes)) }))
      .sort((a, b) => a.firstPage - b.firstPage)
      .map(({ range, firstPage }) => {
        const pages = range.lengthBytes / pageBytes;
        const stretch = { firstPage, pages, place, range };
        place += pages;
        return stretch;
      });
    this.pages = place;
  }

  /** Place of a 4 KiB page on the axis, -1 when it is in no range. */
  placeOf(page: number): number {
    const { stretches } = this;
    if (!holds(stretches[this.last], page)) {
      this.last = Math.max(
        0,
        stretches.findIndex((stretch) => holds(stretch, page)),
      );
    }
    const stretch = stretches[this.last];
    return stretch !== undefined && holds(stretch, page) ? stretch.place + page - stretch.firstPage : -1;
  }

  /** The page at a place of the axis; past the end, that behind the last. */
  pageAt(place: number): number {
    const stretch = this.stretchAt(place);
    return stretch === undefined
      ? 0
      : stretch.firstPage + Math.max(0, Math.min(stretch.pages, Math.floor(place - stretch.place)));
  }

  stretchAt(place: number): Stretch | undefined {
    return this.stretches.findLast((stretch) => stretch.place <= place) ?? this.stretches[0];
  }

  /** A place in words: its address. */
  wordsAt(place: number): string {
    return hexAddress(BigInt(this.pageAt(place)) * BigInt(pageBytes));
  }
}

function holds(stretch: Stretch | undefined, page: number): boolean {
  return stretch !== undefined && page >= stretch.firstPage && page < stretch.firstPage + stretch.pages;
}
