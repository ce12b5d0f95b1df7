/** Groups the lanes of every session as the state says; the old lanes show until the new ones are whole. */
import { type LaneBy } from '../model/laneSet.ts';
import { type Trace } from '../model/trace.ts';
import { runInSlices } from './slicedWork.ts';
import { type StateChange, type TimelineState } from './timelineState.ts';

const causes: ReadonlySet<StateChange> = new Set(['session', 'sessions', 'lanes']);

/** What is being done, and how to stop it. */
interface Grouping {
  readonly laneBy: LaneBy;
  readonly stop: () => void;
}

/** Starts watching; it goes on as long as the page. */
export function watchLanes(state: TimelineState): void {
  const groupings = new Map<Trace, Grouping>();

  const group = (trace: Trace, laneBy: LaneBy): void => {
    const work = trace.groupLanes(laneBy);
    const stopSlices = runInSlices(work, () => {
      groupings.delete(trace);
      state.lanesChanged();
    });
    const stop = (): void => {
      stopSlices();
      work.return(undefined);
    };
    groupings.set(trace, { laneBy, stop });
  };

  state.subscribe((change) => {
    if (!causes.has(change)) {
      return;
    }
    const traces = new Set(state.sessions.map(({ trace }) => trace));
    for (const [trace, { laneBy, stop }] of groupings) {
      if (!traces.has(trace) || laneBy !== state.laneBy) {
        stop();
        groupings.delete(trace);
      }
    }
    for (const trace of traces) {
      if (trace.lanes.laneBy !== state.laneBy && !groupings.has(trace)) {
        group(trace, state.laneBy);
      }
    }
  });
}
