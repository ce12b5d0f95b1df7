/** What the page shows against a plain reference that walks every fault. */
import assert from 'node:assert/strict';
import { faultAt } from '../../../webview/model/hitTest.ts';
import { LaneLayout } from '../../../webview/model/laneLayout.ts';
import { bucketNs, levelFor } from '../../../webview/model/latencyLevels.ts';
import { type TimeScale, timeAt } from '../../../webview/model/timeScale.ts';
import { fillCells, TrackCells, widePx } from '../../../webview/model/trackCells.ts';
import { SeededRandom } from '../helper/seededRandom.ts';
import { type PlainFault, randomTrace } from './manyFaults.ts';

interface Column {
  count: number;
  worst: number;
  worstNs: number;
  busyNs: number;
}

/** What a track must show: each fault in every column, or bucket not wider than a column, that it touches. */
function referenceColumns(faults: readonly (PlainFault & { i: number })[], scale: TimeScale): Column[] {
  const columnNs = (scale.endNs - scale.startNs) / scale.widthPx;
  const columns = Array.from({ length: scale.widthPx }, () => ({
    count: 0,
    worst: -1,
    worstNs: -1,
    busyNs: 0,
  }));
  const level = levelFor(columnNs);
  for (const { i, raisedNs, endNs } of faults) {
    const latencyNs = endNs - raisedNs;
    if (Number.isNaN(endNs) || latencyNs >= widePx * columnNs) {
      continue;
    }
    const add = (column: number, isFirst: boolean, busyNs: number): void => {
      const at = columns[column];
      if (at === undefined) {
        return;
      }
      at.count += isFirst ? 1 : 0;
      at.busyNs += busyNs;
      if (latencyNs > at.worstNs || (latencyNs === at.worstNs && i < at.worst)) {
        at.worst = i;
        at.worstNs = latencyNs;
      }
    };
    // A fault long for the level is told exactly; the others in buckets.
    const isExact = level === -1 || latencyNs >= 4 * bucketNs[level]!;
    const unitNs = isExact ? columnNs : bucketNs[level]!;
    const originNs = isExact ? scale.startNs : 0;
    const first = Math.floor((raisedNs - originNs) / unitNs);
    const last = Math.max(first, Math.ceil((endNs - originNs) / unitNs) - 1);
    for (let unit = first; unit <= last; unit++) {
      const fromNs = originNs + unit * unitNs;
      const busyNs = Math.min(endNs, fromNs + unitNs) - Math.max(raisedNs, fromNs);
      const column = isExact ? unit : Math.floor((fromNs - scale.startNs) / columnNs);
      add(column, unit === first, Math.max(0, busyNs));
    }
  }
  return columns;
}

function lengthOf({ raisedNs, endNs }: PlainFault): number {
  return endNs - raisedNs;
}

function randomScale(random: SeededRandom, lastNs: number): TimeScale {
  const widthPx = 50 + random.below(400);
  const spanNs = 10 ** (3 + (random.below(1000) / 1000) * (Math.log10(2 * lastNs) - 3));
  const startNs = (random.below(1000) / 1000) * lastNs - spanNs / 2;
  return { startNs, endNs: startNs + spanNs, widthPx };
}

describe('The picture of very many faults', () => {
  const seeds = [1, 2, 3, 4, 5, 6];
  const traces = seeds.map((seed) => ({ seed, ...randomTrace(new SeededRandom(seed), 4000) }));

  for (const { seed, trace, plain } of traces) {
    const { faults, lanes } = trace;
    const lastNs = Math.max(...plain.map(({ raisedNs }) => raisedNs));
    const indexed = plain.map((fault) => ({ ...fault, i: faults.indexOf(fault.id) }));
    const ofTrack = (lane: number) => {
      const { of } = lanes.list[lane]!;
      return indexed.filter(({ tid }) => of.by === 'thread' && of.tid === tid);
    };

    it(`keeps every fault as it was (seed ${seed})`, () => {
      assert.equal(faults.count, plain.length);
      for (const { i, tid, raisedNs, endNs } of indexed) {
        assert.deepEqual([faults.tid(i), faults.raisedNs(i), faults.endNs(i)], [tid, raisedNs, endNs]);
      }
    });

    it(`shows in each column what the reference says (seed ${seed})`, () => {
      const random = new SeededRandom(100 + seed);
      const cells = new TrackCells();
      for (let n = 0; n < 60; n++) {
        const scale = randomScale(random, lastNs);
        const lane = random.below(lanes.list.length);
        fillCells(cells, lanes.list[lane]!.tracks[0]!, faults, scale);
        const wanted = referenceColumns(ofTrack(lane), scale);
        const got = wanted.map((_, x) => ({
          count: cells.count[x]!,
          worst: cells.worst[x]!,
          worstNs: cells.worst[x] === -1 ? -1 : cells.worstNs[x]!,
        }));
        wanted.forEach(({ worst }, x) => {
          assert.equal(worst === -1 ? cells.phase[x] : faults.mainPhase(worst), cells.phase[x]);
        });
        assert.deepEqual(
          got,
          wanted.map(({ count, worst, worstNs }) => ({ count, worst, worstNs })),
          `window ${JSON.stringify(scale)}`,
        );
        wanted.forEach(({ busyNs }, x) => {
          assert.ok(Math.abs(busyNs - cells.busyNs[x]!) <= 1e-6 * (1 + busyNs), `busy time of column ${x}`);
        });
        const columnNs = (scale.endNs - scale.startNs) / scale.widthPx;
        const wide = ofTrack(lane).filter(
          ({ raisedNs, endNs }) =>
            endNs - raisedNs >= widePx * columnNs && raisedNs < scale.endNs && endNs > scale.startNs,
        );
        assert.deepEqual(
          cells.wide.toSorted((a, b) => a - b),
          wide.map(({ i }) => i),
        );
      }
    });

    it(`finds the worst fault of any stretch (seed ${seed})`, () => {
      const random = new SeededRandom(200 + seed);
      for (let n = 0; n < 200; n++) {
        const { startNs, endNs } = randomScale(random, lastNs);
        const touching = indexed.filter((fault) => fault.endNs > startNs && fault.raisedNs < endNs);
        const worst = touching.reduce<(typeof touching)[number] | undefined>(
          (best, fault) =>
            best === undefined ||
            lengthOf(fault) > lengthOf(best) ||
            (lengthOf(fault) === lengthOf(best) && fault.i < best.i)
              ? fault
              : best,
          undefined,
        );
        assert.equal(lanes.worstIn(startNs, endNs), worst?.i ?? -1);
      }
    });

    it(`counts in the cells of all lanes every fault once (seed ${seed})`, () => {
      const over = indexed.filter(({ endNs }) => !Number.isNaN(endNs));
      for (const stepNs of [1, 2 ** 20, 1e8, 1e12]) {
        let count = 0;
        let busyNs = 0;
        let worstNs = 0;
        for (const lane of lanes.list) {
          lane.levels.forEachCell(0, 2 * lastNs + 2e10, stepNs, (_from, _until, cell, worst, busy) => {
            count += cell;
            busyNs += busy;
            worstNs = Math.max(worstNs, worst);
          });
        }
        assert.equal(count, over.length);
        assert.equal(worstNs, Math.max(...over.map(({ raisedNs, endNs }) => endNs - raisedNs)));
        const wantedNs = over.reduce((sum, { raisedNs, endNs }) => sum + endNs - raisedNs, 0);
        assert.ok(Math.abs(busyNs - wantedNs) < 1e-6 * wantedNs);
      }
    });

    it(`points at the fault that the reference says (seed ${seed})`, () => {
      const random = new SeededRandom(300 + seed);
      const layout = new LaneLayout(lanes.list);
      const nowNs = 2 * lastNs;
      for (let n = 0; n < 300; n++) {
        const scale = randomScale(random, lastNs);
        const lane = random.below(lanes.list.length);
        const xPx = random.below(scale.widthPx);
        const [fromNs, exactNs, untilNs] = [xPx - 3, xPx, xPx + 3].map((x) => timeAt(scale, x)) as [
          number,
          number,
          number,
        ];
        const near = ofTrack(lane)
          .map((fault) => ({ ...fault, untilNs: Number.isNaN(fault.endNs) ? nowNs : fault.endNs }))
          .filter((fault) => fault.raisedNs <= untilNs && fault.untilNs >= fromNs);
        const isWideUnder = (fault: (typeof near)[number]): boolean =>
          fault.raisedNs <= exactNs &&
          fault.untilNs >= exactNs &&
          fault.untilNs - fault.raisedNs >= untilNs - fromNs;
        const rank = (fault: (typeof near)[number]): number =>
          isWideUnder(fault)
            ? Infinity
            : Number.isNaN(fault.endNs)
              ? Number.MAX_VALUE
              : fault.untilNs - fault.raisedNs;
        const wanted = near.toSorted((a, b) => rank(b) - rank(a) || a.i - b.i)[0];
        const got = faultAt(lanes, layout, scale, xPx, layout.trackTopPx(lane, 0) + 5, nowNs);
        assert.equal(got, wanted?.i ?? -1, `point ${xPx} of ${JSON.stringify(scale)}`);
      }
    });
  }
});
