import assert from 'node:assert/strict';
import { packedRows } from '../../../native-helper/log/packedRows.ts';
import { everyFault } from '../../../webview/model/faultFilter.ts';
import { watchFilter } from '../../../webview/state/filterWatch.ts';
import { TimelineState } from '../../../webview/state/timelineState.ts';
import { eventually } from '../../helper/eventually.ts';
import { liveView } from '../../ui/page/sampleTrace.ts';
import { batch, copy, raised } from './buildRows.ts';

describe('The watch over the filter', () => {
  let state: TimelineState;
  let told: number;

  beforeEach(() => {
    state = new TimelineState();
    watchFilter(state);
    told = 0;
    state.subscribe((change) => {
      told += change === 'shown' ? 1 : 0;
    });
    const rows = batch(1, raised(10, 1, 1, 7), copy(15, 1), raised(20, 2, 2, 8));
    const session = {
      view: { ...liveView, endText: 'Over.', nowNs: 100, revision: rows.count },
      batches: [packedRows(rows)],
      overview: [],
      droppedRows: 0,
    };
    state.hydrate({ sessions: [session], currentId: 1 });
  });

  const shown = (): number[] | null => {
    const { current, trace } = state;
    const filtered = current?.shown ?? null;
    return filtered && Array.from({ length: trace.faults.count }, (_, i) => i).filter((i) => filtered.has(i));
  };
  const append = (...rows: Parameters<typeof batch>[1][]): void => {
    const afterSequence = state.trace.lastSequence;
    state.append({
      sessionId: 1,
      batch: packedRows(batch(afterSequence + 1, ...rows)),
      afterSequence,
      nowNs: 200,
    });
  };

  it('does nothing while nothing is filtered and no statistics are shown', () => {
    append(raised(30, 3, 3, 9));
    const { current } = state;
    assert.deepEqual([current?.shown, current?.allStatistics], [null, null]);
    assert.equal(told, 0);
  });

  it('begins anew for another name only where a text is asked for, and for other lanes not with the statistics', async () => {
    const code = { address: '0x401136', name: 'restore_page+0x1a', source: null };
    const named = (name: string) => structuredClone({ ...state.view!, codes: [{ ...code, name }] });
    const { current } = state;
    state.setStatisticsShown(true);
    state.setFilter({ tids: [8] });
    await eventually('it is filtered', () => shown()?.length === 1);
    const [byThread, statistics] = [current!.shown, current!.shownStatistics];
    state.setView(named('restore_page+0x1a'));
    state.lanesChanged();
    assert.deepEqual([current!.shown === byThread, current!.shownStatistics === statistics], [true, true]);

    state.setFilter({ tids: [], text: 'restore' });
    await eventually('it is looked for', () => current!.shown?.seenCount === 2);
    const byText = current!.shown;
    state.setView(named('other+0x1a'));
    await eventually('it is looked for anew', () => current!.shown !== byText);
  });

  it('filters what there is and what comes, until the filter is gone', async () => {
    state.setFilter({ tids: [8, 9] });
    await eventually('what there is has been looked at', () => shown()?.length === 1);
    append(raised(30, 3, 3, 9), raised(31, 4, 4, 7));
    await eventually('what came too', () => shown()?.length === 2);
    assert.deepEqual(shown(), [1, 2]);
    assert.ok(told >= 2);
    state.setFilter(everyFault);
    await eventually('all are shown', () => shown() === null);
  });

  it('takes the last of several filters that follow quickly', async () => {
    state.setFilter({ tids: [8] });
    state.setFilter({ tids: [7] });
    await eventually('the faults of the last one', () => shown()?.length === 1);
    assert.deepEqual(shown(), [0]);
  });

  it('counts all faults only while the statistics are shown', async () => {
    state.setStatisticsShown(true);
    await eventually('they are counted', () => state.current?.allStatistics?.count === 2);
    append(copy(40, 2));
    const latencies = () => {
      const { current, trace } = state;
      return current?.allStatistics?.latencies.within(0, 1000, trace.faults, current.allStatistics).count;
    };
    await eventually('the fault that ended too', () => latencies() === 2);
    state.setStatisticsShown(false);
    assert.equal(state.current?.allStatistics, null);
  });

  it('counts the faults that are shown only while the statistics are, and keeps what is shown', async () => {
    state.setFilter({ tids: [8] });
    await eventually('one is shown', () => shown()?.length === 1);
    const before = state.current?.shown;
    assert.equal(state.current?.shownStatistics, null);
    state.setStatisticsShown(true);
    await eventually('it is counted', () => state.current?.shownStatistics?.count === 1);
    assert.equal(state.current.shown, before);
    state.setFilter(everyFault);
    await eventually('all are', () => state.current?.allStatistics?.count === 2);
    assert.equal(state.current.shownStatistics, null);
  });
});
