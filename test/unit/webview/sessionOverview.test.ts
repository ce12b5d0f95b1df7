import assert from 'node:assert/strict';
import type { EventRow } from '../../../native-helper/log/eventRows.ts';
import { bucketCount } from '../../../native-helper/log/latencyOverview.ts';
import { everyFault } from '../../../webview/model/faultFilter.ts';
import { faultFlags } from '../../../webview/model/faultFlags.ts';
import { SessionOverview, slowestKept } from '../../../webview/model/sessionOverview.ts';
import { MatchedFaults } from '../../../webview/model/matchedFaults.ts';
import { RangeIndex } from '../../../webview/model/rangeIndex.ts';
import { ShownOverview } from '../../../webview/model/shownOverview.ts';
import { Trace } from '../../../webview/model/trace.ts';
import { SeededRandom } from '../helper/seededRandom.ts';
import { batch, copy, raised, traceOf, wake } from './buildRows.ts';

/** One fault after the other, of very different latencies; every 50th is woken without a page and raised again. */
function manyFaults(count: number): EventRow[] {
  const random = new SeededRandom(3);
  const rows: EventRow[] = [];
  let timeNs = 0;
  for (let id = 1; id <= count; id++) {
    const isRetry = id % 50 === 1 && id > 1;
    const page = isRetry ? id - 1 : id;
    rows.push(raised((timeNs += random.below(1000)), id, page, 7));
    timeNs += Math.round(10 ** (2 + random.below(1e6) / 2e5));
    rows.push(id % 50 === 0 ? wake(timeNs, page) : copy(timeNs, page));
  }
  return rows;
}

describe('The overview of a session', () => {
  const count = 6000;
  const trace = new Trace();
  const { faults } = trace;
  const overview = new SessionOverview(faults, 0);
  faults.observe(overview);
  const rows = manyFaults(count);
  for (let from = 0; from < rows.length; from += 999) {
    trace.load(batch(from + 1, ...rows.slice(from, from + 999)));
  }
  const indexes = Array.from({ length: count }, (_, i) => i);
  const latencyNs = (i: number): number => faults.endNs(i) - faults.raisedNs(i);

  it('counts every fault where it was raised, and keeps the worst latency there', () => {
    const { latencies, flaggedLatencies } = overview;
    const counts = new Uint32Array(bucketCount);
    const flaggedCounts = new Uint32Array(bucketCount);
    const worstNs = new Float32Array(bucketCount);
    for (const i of indexes) {
      const bucket = Math.floor(faults.raisedNs(i) / latencies.bucketNs);
      counts[bucket]!++;
      flaggedCounts[Math.floor(faults.raisedNs(i) / flaggedLatencies.bucketNs)]! += Number(
        faultFlags(faults, i, 0) !== 0,
      );
      worstNs[bucket] = Math.max(worstNs[bucket]!, latencyNs(i));
    }
    assert.deepEqual(latencies.counts, counts);
    assert.deepEqual(latencies.worstNs, worstNs);
    assert.deepEqual(flaggedLatencies.counts, flaggedCounts);
  });

  it('ranks the slowest as a sort of all would', () => {
    const sorted = indexes.toSorted((a, b) => latencyNs(b) - latencyNs(a) || a - b);
    assert.deepEqual(overview.slowest, sorted.slice(0, slowestKept));
    assert.equal(overview.neighbourSlowest(-1, 1), sorted[0]);
    assert.equal(overview.neighbourSlowest(sorted[4]!, 1), sorted[5]);
    assert.equal(overview.neighbourSlowest(sorted[4]!, -1), sorted[3]);
    assert.equal(overview.neighbourSlowest(sorted[0]!, -1), -1);
  });

  it('finds the flagged faults in both directions', () => {
    const flagged = indexes.filter((i) => faultFlags(faults, i, 0) !== 0);
    assert.ok(flagged.length > 50);
    assert.deepEqual(overview.flagged, flagged);
    assert.equal(overview.neighbourFlagged(-1, 1, 0), flagged[0]);
    assert.equal(overview.neighbourFlagged(flagged[3]!, 1, 0), flagged[4]);
    assert.equal(overview.neighbourFlagged(flagged[3]!, -1, 0), flagged[2]);
    assert.equal(overview.neighbourFlagged(flagged.at(-1)!, 1, 0), -1);
  });

  it('is of the faults that pass a filter, when it is of those', () => {
    const filter = { ...everyFault, latencyNs: { from: 1e5, until: 1e6 } };
    const source = { faults, ranges: new RangeIndex([]), threadName: String, codeWords: String, nowNs: 0 };
    const matched = new MatchedFaults(filter, faults);
    const ofMatched = new ShownOverview(matched, faults, 0);
    const work = matched.refresh(source);
    while (work.next().done !== true) {
      ofMatched.update(() => false);
    }
    ofMatched.update(() => true);
    const those = indexes.filter((i) => latencyNs(i) >= 1e5 && latencyNs(i) < 1e6);
    const sorted = those.toSorted((a, b) => latencyNs(b) - latencyNs(a) || a - b);
    assert.ok(those.length > 100 && those.length < count / 2);
    assert.deepEqual(ofMatched.slowest, sorted.slice(0, slowestKept));
    assert.deepEqual(
      ofMatched.flagged,
      those.filter((i) => faultFlags(faults, i, 0) !== 0),
    );
    assert.equal(
      ofMatched.latencies.counts.reduce((sum, n) => sum + n, 0),
      those.length,
    );
  });

  it('waits for the filter before it takes up a fault that was open', () => {
    const open = traceOf(raised(10, 1, 1, 7), raised(20, 2, 2, 8));
    const source = {
      faults: open.faults,
      ranges: new RangeIndex([]),
      threadName: String,
      codeWords: String,
      nowNs: 50,
    };
    const matched = new MatchedFaults({ ...everyFault, latencyNs: { from: 60, until: 100 } }, open.faults);
    const ofMatched = new ShownOverview(matched, open.faults, 0);
    const refresh = (nowNs: number): void => {
      for (const _ of matched.refresh({ ...source, nowNs })) {
        assert.equal(_, undefined);
      }
    };
    refresh(50);
    ofMatched.update(() => true);
    open.append(batch(3, copy(90, 1)));
    ofMatched.update(() => true);
    assert.deepEqual(ofMatched.slowest, []);
    refresh(90);
    ofMatched.update(() => true);
    assert.deepEqual(ofMatched.slowest, [0]);
  });

  it('takes up a fault once it is over', () => {
    const one = new Trace();
    const growing = new SessionOverview(one.faults, 0);
    one.faults.observe(growing);
    one.append(batch(1, raised(10, 1, 1, 7)));
    assert.deepEqual(growing.slowest, []);
    one.append(batch(2, copy(90, 1)));
    assert.deepEqual(growing.slowest, [0]);
    assert.equal(growing.latencies.worstNs[0], 80);
  });
});
