/** The latencies and addresses of the faults of a session that pass a filter, counted. */
import { endColumn } from './faultChunk.ts';
import { AddressAxis } from './addressAxis.ts';
import { AddressHeat } from './addressHeat.ts';
import { type ChunkPart } from './chunkPart.ts';
import { type FaultFilter } from './faultFilter.ts';
import { endOpen } from './faultTable.ts';
import { LatencyCounts } from './latencyCounts.ts';
import { type LedgerSource } from './ledgerColumns.ts';
import { MatchedFaults } from './matchedFaults.ts';

export class FaultStatistics extends MatchedFaults {
  readonly latencies = new LatencyCounts();
  readonly heat: AddressHeat;

  constructor(filter: FaultFilter, { faults, ranges }: LedgerSource, startNs: number) {
    super(filter, faults);
    this.heat = new AddressHeat(new AddressAxis(ranges.ranges), startNs);
  }

  protected override onMatch({ chunk, places, firstIndex, count }: ChunkPart): void {
    const { heat, latencies } = this;
    for (let n = 0; n < count; n++) {
      const k = places[n]!;
      const raisedNs = chunk.raisedNs[k]!;
      heat.count(chunk.memoryPage(k), raisedNs, 1);
      if (chunk.end(k) !== endOpen) {
        latencies.add(firstIndex + k, raisedNs, chunk.time(k, endColumn) - raisedNs);
      }
    }
  }

  protected override onLeave(i: number, page: number): void {
    this.heat.count(page, this.faults.raisedNs(i), -1);
  }
}
