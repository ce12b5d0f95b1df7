/** What is to be done at its time: a binary heap, earliest first; equal times in the order they came. */

interface Entry<T> {
  readonly dueNs: number;
  readonly order: number;
  readonly item: T;
}

export class DueQueue<T> {
  private entries: Entry<T>[] = [];
  private lastOrder = 0;

  /** When the earliest is due; Infinity when there is nothing. */
  get nextDueNs(): number {
    return this.entries[0]?.dueNs ?? Infinity;
  }

  add(dueNs: number, item: T): void {
    const { entries } = this;
    const entry = { dueNs, order: ++this.lastOrder, item };
    let i = entries.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(entry, entries[parent]!)) {
        break;
      }
      entries[i] = entries[parent]!;
      i = parent;
    }
    entries[i] = entry;
  }

  /** Takes the earliest out if it is due; undefined when nothing is. */
  takeDue(nowNs: number): T | undefined {
    const { entries } = this;
    const first = entries[0];
    if (first === undefined || first.dueNs > nowNs) {
      return undefined;
    }
    const last = entries.pop()!;
    if (entries.length > 0) {
      this.sink(last);
    }
    return first.item;
  }

  clear(): void {
    this.entries = [];
  }

  /** Puts `entry` at the top and lets it down to its place. */
  private sink(entry: Entry<T>): void {
    const { entries } = this;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) {
        child++;
      }
      if (child >= entries.length || !isBefore(entries[child]!, entry)) {
        break;
      }
      entries[i] = entries[child]!;
      i = child;
    }
    entries[i] = entry;
  }
}

function isBefore(a: Entry<unknown>, b: Entry<unknown>): boolean {
  return a.dueNs < b.dueNs || (a.dueNs === b.dueNs && a.order < b.order);
}
