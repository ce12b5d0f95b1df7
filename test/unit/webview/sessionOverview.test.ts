import assert from 'node:assert/strict';
import type { EventRow } from '../../../native-helper/log/eventRows.ts';
import { faultFlags } from '../../../webview/model/faultFlags.ts';
import { overviewBins, SessionOverview, slowestKept } from '../../../webview/model/sessionOverview.ts';
import { Trace } from '../../../webview/model/trace.ts';
import { SeededRandom } from '../helper/seededRandom.ts';
import { batch, copy, raised, wake } from './buildRows.ts';

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
    const counts = new Uint32Array(overviewBins);
    const worstNs = new Float64Array(overviewBins);
    for (const i of indexes) {
      const bin = Math.floor(faults.raisedNs(i) / overview.binNs);
      counts[bin]!++;
      worstNs[bin] = Math.max(worstNs[bin]!, latencyNs(i));
    }
    assert.deepEqual(overview.counts, counts);
    assert.deepEqual(overview.worstNs, worstNs);
    assert.ok(
      counts.slice(overviewBins / 2).some((n) => n > 0),
      'the bins are no wider than need be',
    );
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

  it('takes up a fault once it is over', () => {
    const one = new Trace();
    const growing = new SessionOverview(one.faults, 0);
    one.faults.observe(growing);
    one.append(batch(1, raised(10, 1, 1, 7)));
    assert.deepEqual(growing.slowest, []);
    one.append(batch(2, copy(90, 1)));
    assert.deepEqual(growing.slowest, [0]);
    assert.equal(growing.worstNs[0], 80);
  });
});
