/** The faults of a session that pass a filter, with what the chart shows of them. */
import { type ChunkPart } from './chunkPart.ts';
import { type FaultFilter } from './faultFilter.ts';
import { endColumn } from './faultChunk.ts';
import { mostTracks } from './faultLane.ts';
import { endOpen } from './faultTable.ts';
import { type LaneSet } from './laneSet.ts';
import { LatencyLevels } from './latencyLevels.ts';
import { MatchedFaults } from './matchedFaults.ts';
import { type ShownFaults } from './trackCells.ts';

export class FilteredFaults extends MatchedFaults implements ShownFaults {
  private readonly lanes: LaneSet;
  private readonly levelsOfTrack: (LatencyLevels | undefined)[] = [];

  constructor(filter: FaultFilter, lanes: LaneSet) {
    super(filter, lanes.faults);
    this.lanes = lanes;
  }

  /** Of the faults of a track that pass and are over. */
  levels(lane: number, track: number): LatencyLevels {
    return (this.levelsOfTrack[lane * mostTracks + track] ??= new LatencyLevels());
  }

  protected override onMatch({ chunk, places, firstIndex, count }: ChunkPart): void {
    const { faults, lanes } = this;
    for (let n = 0; n < count; n++) {
      const k = places[n]!;
      if (chunk.end(k) !== endOpen) {
        const i = firstIndex + k;
        const levels = this.levels(lanes.lane(i), lanes.track(i));
        levels.add(i, chunk.raisedNs[k]!, chunk.time(k, endColumn), faults);
      }
    }
  }
}
