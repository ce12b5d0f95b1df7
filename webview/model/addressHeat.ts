/** How many faults were raised where and when: counts by addresses (rows) and time (columns). */
import { type AddressAxis } from './addressAxis.ts';

export const heatRows = 256;
export const heatColumns = 512;

/** Narrowest column; each time the time grows past the last one, columns become twice as wide. */
const firstColumnNs = 2 ** 20;

export class AddressHeat {
  readonly axis: AddressAxis;
  /** Where the first column begins. */
  readonly startNs: number;
  columnNs = firstColumnNs;
  /** Row by row. */
  readonly counts = new Uint32Array(heatRows * heatColumns);
  private readonly rowsPerPage: number;

  constructor(axis: AddressAxis, startNs: number) {
    this.axis = axis;
    this.startNs = startNs;
    this.rowsPerPage = heatRows / Math.max(1, axis.pages);
  }

  /** Counts a fault once more (1), or takes it out (-1). Pages of no range are not counted. */
  count(page: number, raisedNs: number, by: 1 | -1): void {
    const place = this.axis.placeOf(page);
    if (place === -1) {
      return;
    }
    while (raisedNs >= this.startNs + heatColumns * this.columnNs) {
      this.halve();
    }
    const column = Math.max(0, Math.floor((raisedNs - this.startNs) / this.columnNs));
    this.counts[Math.floor(place * this.rowsPerPage) * heatColumns + column]! += by;
  }

  /** The place on the address axis where a row begins. */
  placeOfRow(row: number): number {
    return Math.ceil((row / heatRows) * this.axis.pages);
  }

  timeOfColumn(column: number): number {
    return this.startNs + column * this.columnNs;
  }

  /** Faults in a block of cells; ends are not in it. */
  sum(fromRow: number, untilRow: number, fromColumn: number, untilColumn: number): number {
    let sum = 0;
    for (let row = fromRow; row < untilRow; row++) {
      for (let column = fromColumn; column < untilColumn; column++) {
        sum += this.counts[row * heatColumns + column]!;
      }
    }
    return sum;
  }

  private halve(): void {
    const { counts } = this;
    for (let row = 0; row < heatRows; row++) {
      const from = row * heatColumns;
      for (let column = 0; column < heatColumns / 2; column++) {
        counts[from + column] = counts[from + 2 * column]! + counts[from + 2 * column + 1]!;
      }
      counts.fill(0, from + heatColumns / 2, from + heatColumns);
    }
    this.columnNs *= 2;
  }
}
