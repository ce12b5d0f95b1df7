/** The selected stretch of time and the marks on the axis. Part of TimelineState. */
import { isSameStretch, type TimeStretch } from '../model/timeStretch.ts';

export interface TimeMark extends TimeStretch {
  /** Null while it is temporary: the next one replaces it, and a reload forgets it. */
  readonly name: string | null;
}

export type TimeMarksChange = 'timeSelection' | 'marks';

export class TimeMarks {
  selection: TimeStretch | null = null;
  /** In the order of time. */
  list: readonly TimeMark[] = [];
  private readonly changed: (change: TimeMarksChange) => void;

  constructor(changed: (change: TimeMarksChange) => void) {
    this.changed = changed;
  }

  /** Selects a stretch of time, or none. */
  select(stretch: TimeStretch | null): void {
    if (!isSameStretch(stretch, this.selection)) {
      this.selection = stretch === null ? null : { startNs: stretch.startNs, endNs: stretch.endNs };
      this.changed('timeSelection');
    }
  }

  /** The mark of the selected stretch; null when it has none. */
  get current(): TimeMark | null {
    const { selection } = this;
    return selection === null ? null : (this.list.find((mark) => isSameStretch(mark, selection)) ?? null);
  }

  /** Marks the selected stretch for now, instead of what was marked so before. */
  mark(): void {
    if (this.selection !== null && this.current === null) {
      this.setList([...this.list.filter(({ name }) => name !== null), { ...this.selection, name: null }]);
    }
  }

  /** Keeps the mark of the selected stretch, or a new one, under this name. */
  keep(name: string): void {
    const { selection, current } = this;
    if (selection !== null) {
      this.setList([...this.list.filter((mark) => mark !== current), { ...selection, name }]);
    }
  }

  /** A name that no mark has. */
  freshName(): string {
    const names = new Set(this.list.map(({ name }) => name));
    let n = 1;
    while (names.has(`Mark ${n}`)) {
      n++;
    }
    return `Mark ${n}`;
  }

  remove(mark: TimeMark): void {
    this.setList(this.list.filter((other) => other !== mark));
  }

  /** Adds marks that were stored. */
  restore(marks: readonly TimeMark[]): void {
    this.setList([...this.list, ...marks]);
  }

  /**
   * The mark after (1) or before (-1) the selected one, else after or before `fromNs`, round at the end;
   * null when there is none.
   */
  neighbour(direction: 1 | -1, fromNs: number): TimeMark | null {
    const { list, current } = this;
    const after = list.findIndex(({ startNs }) => startNs > fromNs);
    const place =
      current !== null
        ? list.indexOf(current) + direction
        : direction === 1
          ? after
          : (after === -1 ? list.length : after) - 1;
    return list.at(place % Math.max(1, list.length)) ?? null;
  }

  /** The axis' beginning has moved: everything stays where it is. */
  moveAxis(byNs: number): void {
    if (byNs !== 0) {
      const moved = <Stretch extends TimeStretch>(stretch: Stretch): Stretch => ({
        ...stretch,
        startNs: stretch.startNs - byNs,
        endNs: stretch.endNs - byNs,
      });
      this.setList(this.list.map(moved));
      this.select(this.selection === null ? null : moved(this.selection));
    }
  }

  private setList(list: readonly TimeMark[]): void {
    this.list = list.toSorted((a, b) => a.startNs - b.startNs || a.endNs - b.endNs);
    this.changed('marks');
  }
}
