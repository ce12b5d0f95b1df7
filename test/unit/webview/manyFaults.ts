/** Seeded traces of very many faults, taken up by the page's own fold as rows. */
import { type EventRow, rowsFrom } from '../../../native-helper/log/eventRows.ts';
import { servedMark } from '../../../native-helper/log/servedRows.ts';
import { Trace } from '../../../webview/model/trace.ts';
import type { SeededRandom } from '../helper/seededRandom.ts';
import { copy, raised, read, wake } from './buildRows.ts';

/** What a fault was, for a reference that knows nothing of columns and levels. */
export interface PlainFault {
  readonly id: number;
  readonly tid: number;
  readonly raisedNs: number;
  /** NaN while its thread sleeps. */
  readonly endNs: number;
}

/**
 * A trace of faults of some threads with think time: most take microseconds, some much longer up
 * to seconds, some are woken apart from their page, handed back, or never end.
 */
export function randomTrace(
  random: SeededRandom,
  count: number,
): { readonly trace: Trace; readonly plain: readonly PlainFault[] } {
  const threads = Array.from({ length: 1 + random.below(6) }, (_, n) => ({ tid: n + 1, freeNs: 0 }));
  const rows: { readonly row: EventRow; readonly order: number }[] = [];
  const plain: PlainFault[] = [];
  const faults: { tid: number; raisedNs: number; lengthNs: number }[] = [];
  for (let n = 0; n < count; n++) {
    const thread = random.pick(threads);
    const raisedNs = Math.round(thread.freeNs + lengthOf(random) / 2);
    const lengthNs = Math.max(3, Math.round(lengthOf(random)));
    thread.freeNs = raisedNs + lengthNs + 1;
    faults.push({ tid: thread.tid, raisedNs, lengthNs });
  }
  faults.sort((a, b) => a.raisedNs - b.raisedNs);
  const lastOf = new Map(faults.map(({ tid }, n) => [tid, n]));
  faults.forEach(({ tid, raisedNs, lengthNs }, n) => {
    const id = n + 1;
    const page = n + 1;
    // Only the last fault of a thread can stay open.
    const isOpen = lastOf.get(tid) === n && random.below(2) === 0;
    const endNs = raisedNs + lengthNs;
    const readNs = raisedNs + 1 + random.below(lengthNs - 1);
    const add = (row: EventRow): void => {
      rows.push({ row, order: rows.length });
    };
    const how = random.below(8);
    if (!isOpen && how > 3 && lengthNs < 0xffffffff) {
      add(
        copy(endNs, page, {
          faultId: id,
          tid,
          raisedBeforeNs: lengthNs,
          readBeforeNs: endNs - readNs,
          faultFlags: servedMark,
        }),
      );
      plain.push({ id, tid, raisedNs, endNs });
      return;
    }
    add(raised(raisedNs, id, page, tid));
    add(read(readNs, id));
    if (!isOpen) {
      switch (how) {
        case 0:
          add(copy(readNs, page, { faultId: id, dontWake: true }));
          add(wake(endNs, page));
          break;
        case 1:
          add(wake(endNs, page));
          break;
        default:
          add(copy(endNs, page, { faultId: id }));
      }
    }
    plain.push({ id, tid, raisedNs, endNs: isOpen ? NaN : endNs });
  });
  rows.sort((a, b) => a.row.timeNs - b.row.timeNs || a.order - b.order);
  const trace = new Trace();
  const sorted = rows.map(({ row }) => row);
  for (let at = 0; at < sorted.length; at += 1000) {
    trace.load(rowsFrom(at + 1, sorted.slice(at, at + 1000)));
  }
  return { trace, plain };
}

/** Nanoseconds from some hundred to seconds, the short ones far more often. */
function lengthOf(random: SeededRandom): number {
  const decades = 2.5 + 7 * (random.below(1000) / 1000) ** 3;
  return 10 ** decades;
}
