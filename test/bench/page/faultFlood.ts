/**
 * Served faults of several threads from a seeded generator, as packed batches. A batch is made
 * once; the others are copies of it with later times, ids and sequence numbers, which in the packed
 * form are three numbers of the header.
 */
import { allocateRows, kindCode, actorCode } from '../../../native-helper/log/eventRows.ts';
import { LatencyOverview } from '../../../native-helper/log/latencyOverview.ts';
import { packedRows, unpackRows } from '../../../native-helper/log/packedRows.ts';
import { servedMark } from '../../../native-helper/log/servedRows.ts';
import { SeededRandom } from '../../unit/helper/seededRandom.ts';

export const floodThreads = 8;
/** Rows of a batch of the history. */
export const batchRows = 8192;
/** 100,000 faults a second. */
export const faultNs = 10_000;
export const batchNs = batchRows * faultNs;

/** Batches of faults that follow on each other. */
export interface Flood {
  /** Rows 1 to `batchRows`, from time 0 on. */
  readonly first: ArrayBuffer;
  readonly batchRows: number;
  readonly batchNs: number;
}
/** Where in a packed batch its first sequence number, its least time and its least fault id are. */
export const patched = { sequence: 0, timeNs: 32, faultId: 32 + 8 * 8 } as const;

/**
 * @param rowCount rows of a batch, a multiple of `floodThreads`
 * @param lengthNs the time that a batch is of
 */
export function makeFlood(seed: number, rowCount = batchRows, lengthNs = batchNs): Flood {
  const flood = { first: firstBatch(seed, rowCount, lengthNs), batchRows: rowCount, batchNs: lengthNs };
  checkFlood(flood);
  return flood;
}

function firstBatch(seed: number, rowCount: number, batchLengthNs: number): ArrayBuffer {
  const random = new SeededRandom(seed);
  const rows = allocateRows(1, rowCount);
  // Each thread thinks and faults in turn: by time, so that rows are in log order.
  const faults: { tid: number; endNs: number; lengthNs: number }[] = [];
  for (let thread = 0; thread < floodThreads; thread++) {
    let freeNs = 0;
    for (let n = 0; n < rowCount / floodThreads; n++) {
      const slotNs = Math.floor(((n + 1) * batchLengthNs) / (rowCount / floodThreads));
      const slow = random.below(500) === 0 ? 20 : 1;
      const lengthNs = Math.min(slotNs - freeNs - 100, Math.round(2_000 + slow * random.below(60_000)));
      freeNs = Math.max(freeNs + lengthNs + 50, Math.round(slotNs - random.below(10_000) - 60));
      faults.push({ tid: 4240 + thread, endNs: freeNs, lengthNs });
    }
  }
  faults.sort((a, b) => a.endNs - b.endNs);
  faults.forEach(({ tid, endNs, lengthNs }, i) => {
    rows.timeNs[i] = endNs;
    rows.lengthBytes[i] = 4096;
    rows.address[i] = 0x7f3a5c000000n + BigInt(random.below(1 << 18) * 4096);
    rows.out[i] = 4096n;
    rows.faultId[i] = i + 1;
    rows.tid[i] = tid;
    rows.kind[i] = kindCode.copy;
    rows.actor[i] = actorCode.rule;
    rows.raisedBeforeNs[i] = lengthNs;
    rows.readBeforeNs[i] = Math.floor(lengthNs * (0.3 + random.below(50) / 100));
    rows.faultFlags[i] = servedMark | random.below(2);
  });
  return packedRows(rows);
}

/** Batch `n` of the flood, from 0. */
export function laterBatch(flood: Flood, n: number): ArrayBuffer {
  const batch = flood.first.slice(0);
  const header = new DataView(batch);
  const add = (offset: number, more: number): void =>
    header.setFloat64(offset, header.getFloat64(offset, true) + more, true);
  add(patched.sequence, n * flood.batchRows);
  add(patched.timeNs, n * flood.batchNs);
  add(patched.faultId, n * flood.batchRows);
  return batch;
}

/** What the host tells of `batches` batches before it sends them: a packed overview of each thread, in base64. */
export function floodOverview(
  flood: Flood,
  batches: number,
): { readonly tid: number; readonly bytes: string }[] {
  const { count, tid, timeNs, raisedBeforeNs } = unpackRows(flood.first);
  const byTid = new Map<number, LatencyOverview>();
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < count; i++) {
      let overview = byTid.get(tid[i]!);
      if (overview === undefined) {
        overview = LatencyOverview.empty();
        byTid.set(tid[i]!, overview);
      }
      const endNs = timeNs[i]! + batch * flood.batchNs;
      overview.add(endNs - raisedBeforeNs[i]!, endNs);
    }
  }
  return [...byTid].map(([id, overview]) => ({
    tid: id,
    bytes: Buffer.from(overview.packed()).toString('base64'),
  }));
}

/** @throws Error when copies of its first batch would not be what they should */
function checkFlood(flood: Flood): void {
  const later = unpackRows(laterBatch(flood, 3));
  const rows = unpackRows(flood.first);
  const isRight =
    later.firstSequence === 1 + 3 * flood.batchRows &&
    later.timeNs.every((timeNs, i) => timeNs === rows.timeNs[i]! + 3 * flood.batchNs) &&
    later.faultId.every((id, i) => id === rows.faultId[i]! + 3 * flood.batchRows) &&
    later.tid.every((tid, i) => tid === rows.tid[i]);
  if (!isRight) {
    throw new Error('the packed form of rows is another one: correct `patched`');
  }
}
