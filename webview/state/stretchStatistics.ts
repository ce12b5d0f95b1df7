/** Keeps the statistics of the selected stretch of time in step with the page's state. */
import { type LatencyStatistics, latencyStatistics } from '../model/latencyStatistics.ts';
import { faultsInStretch, isSameStretch, type TimeStretch } from '../model/timeStretch.ts';
import { runInSlices } from './slicedWork.ts';
import { type StateChange, type TimelineState } from './timelineState.ts';

/** Rows come up to 60 times a second; numbers that change that often cannot be read. */
const rowsRefreshMs = 500;

const anew: ReadonlySet<StateChange> = new Set(['timeSelection', 'session', 'sessions']);

export class StretchStatistics {
  private readonly state: TimelineState;
  private readonly onCounted: () => void;
  private readonly unsubscribe: () => void;
  private counted: { readonly of: TimeStretch; readonly statistics: LatencyStatistics } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopWork: (() => void) | undefined;

  /** @param onCounted told whenever the statistics are there or have changed */
  constructor(state: TimelineState, onCounted: () => void) {
    this.state = state;
    this.onCounted = onCounted;
    this.unsubscribe = state.subscribe((change) => {
      if (anew.has(change)) {
        this.count();
      } else if ((change === 'rows' || change === 'otherRows') && this.canStillChange()) {
        this.timer ??= setTimeout(() => this.count(), rowsRefreshMs);
      }
    });
    this.count();
  }

  /** Of the selected stretch; null while they are counted, and without one. */
  get statistics(): LatencyStatistics | null {
    const { selection } = this.state.marks;
    return this.counted !== null && isSameStretch(this.counted.of, selection)
      ? this.counted.statistics
      : null;
  }

  dispose(): void {
    this.unsubscribe();
    this.stop();
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.stopWork?.();
    this.stopWork = undefined;
  }

  /** Whether new rows can concern the stretch: it reaches to now, or a thread in it still sleeps. */
  private canStillChange(): boolean {
    const { selection } = this.state.marks;
    return (
      this.stopWork === undefined &&
      selection !== null &&
      ((this.statistics?.asleepCount ?? 1) > 0 || selection.endNs > this.state.edgeNs() - 1e9)
    );
  }

  private count(): void {
    this.stop();
    const { selection } = this.state.marks;
    if (selection !== null) {
      this.stopWork = runInSlices(this.counting(selection), () => {
        this.stopWork = undefined;
        this.onCounted();
      });
    }
  }

  private *counting(of: TimeStretch): Generator<undefined, undefined, undefined> {
    const statistics = yield* latencyStatistics(() => latenciesIn(this.state, of));
    this.counted = { of, statistics };
    return undefined;
  }
}

/** Of the faults in a stretch, in all lanes that show; NaN of those whose threads still sleep. */
function* latenciesIn({ sessions }: TimelineState, stretch: TimeStretch): Generator<number> {
  for (const { trace, isCollapsed } of sessions) {
    if (!isCollapsed || sessions.length === 1) {
      for (const i of faultsInStretch(trace.lanes, stretch)) {
        yield trace.faults.endNs(i) - trace.faults.raisedNs(i);
      }
    }
  }
}
