/** The faults of a session that pass a filter, with what the chart shows of them. */
import { type ChunkPart, partFaults } from './chunkPart.ts';
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
  /** By lane times `mostTracks` plus track. */
  private readonly levelsOfTrack: (LatencyLevels | undefined)[] = [];
  private readonly tracks = new Uint32Array(partFaults);

  constructor(filter: FaultFilter, lanes: LaneSet) {
    super(filter, lanes.faults);
    this.lanes = lanes;
  }

  /** Of the faults of a track that pass and are over. */
  levels(lane: number, track: number): LatencyLevels {
    return this.levelsOf(mostTracks * lane + track);
  }

  private levelsOf(track: number): LatencyLevels {
    return (this.levelsOfTrack[track] ??= new LatencyLevels());
  }

  protected override onMatch(part: ChunkPart): void {
    const { faults, tracks } = this;
    const { chunk, places, firstIndex, count } = part;
    this.lanes.tracksOf(part, tracks);
    for (let n = 0; n < count; n++) {
      const k = places[n]!;
      if (chunk.end(k) !== endOpen) {
        const i = firstIndex + k;
        this.levelsOf(tracks[n]!).add(i, chunk.raisedNs[k]!, chunk.time(k, endColumn), faults);
      }
    }
  }
}
