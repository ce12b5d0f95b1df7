/** Stretches of time of which rows were dropped because a stage fell behind: what is shown there is not all. */
import { type EventRows, kindCode } from '../../native-helper/log/eventRows.ts';
import { type TimeStretch } from './timeStretch.ts';

export interface Gap extends TimeStretch {
  /** Faults that are not shown. */
  readonly count: number;
}

export class Gaps {
  /** In the order of time; where one touched another they are one. */
  readonly list: Gap[] = [];

  /** Takes up the gaps among rows `from` on. */
  add(rows: EventRows, from: number): void {
    for (
      let i = rows.kind.indexOf(kindCode.lost, from);
      i !== -1;
      i = rows.kind.indexOf(kindCode.lost, i + 1)
    ) {
      const endNs = rows.timeNs[i]!;
      const gap = { startNs: endNs - rows.raisedBeforeNs[i]!, endNs, count: Number(rows.out[i]!) };
      const last = this.list.at(-1);
      if (last !== undefined && gap.startNs <= last.endNs) {
        this.list[this.list.length - 1] = {
          startNs: Math.min(last.startNs, gap.startNs),
          endNs: Math.max(last.endNs, gap.endNs),
          count: last.count + gap.count,
        };
      } else {
        this.list.push(gap);
      }
    }
  }

  /** The gap that begins after (1) or ended before (-1) a moment; null when there is none. */
  neighbour(timeNs: number, direction: 1 | -1): Gap | null {
    const found =
      direction === 1
        ? this.list.find(({ startNs }) => startNs > timeNs)
        : this.list.findLast(({ endNs }) => endNs < timeNs);
    return found ?? null;
  }
}
