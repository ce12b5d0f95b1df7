/** The registered range a fault lies in. */
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';

/** A fault's page in its range. */
export interface FaultPage {
  readonly range: RangeDto;
  /** Address of the page, in pages of the range. */
  readonly page: bigint;
  /** Pages from this one to the end of the range, this one included. */
  readonly pagesLeft: number;
}

/** The page of `address`; undefined when no range of the session holds it. */
export function pageOf(ranges: readonly RangeDto[], address: bigint): FaultPage | undefined {
  for (const range of ranges) {
    const start = BigInt(range.start);
    const end = start + BigInt(range.lengthBytes);
    if (address >= start && address < end) {
      const pageBytes = BigInt(range.pageBytes);
      const page = address - (address % pageBytes);
      return { range, page, pagesLeft: Number((end - page) / pageBytes) };
    }
  }
  return undefined;
}
