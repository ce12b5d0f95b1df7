/** The faults of a session that pass a filter, with their latencies and addresses counted. */
import { AddressAxis } from './addressAxis.ts';
import { AddressHeat } from './addressHeat.ts';
import { type FaultFilter } from './faultFilter.ts';
import { endOpen } from './faultTable.ts';
import { type LaneSet } from './laneSet.ts';
import { LatencyCounts } from './latencyCounts.ts';
import { LatencyLevels } from './latencyLevels.ts';
import { type LedgerSource } from './ledgerColumns.ts';
import { mostTracks } from './faultLane.ts';
import { MatchedFaults } from './matchedFaults.ts';
import { type ShownFaults } from './trackCells.ts';

export class FilteredFaults extends MatchedFaults implements ShownFaults {
  readonly latencies = new LatencyCounts();
  readonly heat: AddressHeat;
  /** How many pass. */
  count = 0;
  /** The lanes whose levels are kept; null when nobody asks for them. */
  private readonly lanes: LaneSet | null;
  private readonly levelsOfTrack: (LatencyLevels | undefined)[] = [];

  constructor(
    filter: FaultFilter,
    { faults, ranges }: LedgerSource,
    startNs: number,
    lanes: LaneSet | null = null,
  ) {
    super(filter, faults);
    this.lanes = lanes;
    this.heat = new AddressHeat(new AddressAxis(ranges.ranges), startNs);
  }

  /** Of the faults of a track that pass and are over. */
  levels(lane: number, track: number): LatencyLevels {
    return (this.levelsOfTrack[lane * mostTracks + track] ??= new LatencyLevels());
  }

  protected override onMatch(i: number): void {
    const { faults } = this;
    const raisedNs = faults.raisedNs(i);
    this.count++;
    this.heat.count(faults.page(i), raisedNs, 1);
    if (faults.end(i) !== endOpen) {
      const endNs = faults.endNs(i);
      this.latencies.add(i, raisedNs, endNs - raisedNs);
      const { lanes } = this;
      if (lanes !== null) {
        this.levels(lanes.lane(i), lanes.track(i)).add(i, faults.mainPhase(i), raisedNs, endNs);
      }
    }
  }

  protected override onLeave(i: number, page: number): void {
    this.count--;
    this.heat.count(page, this.faults.raisedNs(i), -1);
  }
}
