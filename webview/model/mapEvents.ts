/** What happened to the memory map, in time order: the events that are no faults, and registrations. */
import { type EventRow, type EventRows, kindCode, rowAt } from '../../native-helper/log/eventRows.ts';

/** The kernel's events: while one is unread or just read, every resolution answers EAGAIN. */
const kernelEvents: ReadonlySet<number> = new Set(
  (['fork', 'remap', 'remove', 'unmap'] as const).map((kind) => kindCode[kind]),
);
const shown: ReadonlySet<number> = new Set([
  ...kernelEvents,
  kindCode.unknown,
  kindCode.register,
  kindCode.unregister,
]);

export class MapEvents {
  private readonly timesNs: number[] = [];
  private readonly events: EventRow[] = [];
  /** Place of the latest event of the kernel, -1 before there is one. */
  latestOfKernel = -1;

  get count(): number {
    return this.timesNs.length;
  }

  /** Takes up the events among rows `from` on. */
  add(rows: EventRows, from: number): void {
    for (let i = from; i < rows.count; i++) {
      if (shown.has(rows.kind[i]!)) {
        if (kernelEvents.has(rows.kind[i]!)) {
          this.latestOfKernel = this.count;
        }
        this.timesNs.push(rows.timeNs[i]!);
        // A row of its own, so that its batch need not be kept.
        this.events.push(rowAt(rows, i));
      }
    }
  }

  timeNs(n: number): number {
    return this.timesNs[n]!;
  }

  event(n: number): EventRow {
    return this.events[n]!;
  }

  /** Place of the first event at `timeNs` or later; `count` when there is none. */
  firstFrom(timeNs: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timesNs[middle]! >= timeNs) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Place of the event nearest to `timeNs` and at most `reachNs` from it, -1 for none. */
  nearest(timeNs: number, reachNs: number): number {
    const after = this.firstFrom(timeNs);
    let best = -1;
    let bestNs = reachNs;
    for (const n of [after - 1, after]) {
      const gapNs = Math.abs((this.timesNs[n] ?? Infinity) - timeNs);
      if (gapNs <= bestNs) {
        best = n;
        bestNs = gapNs;
      }
    }
    return best;
  }
}
