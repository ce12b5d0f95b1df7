/** `<uffd-ledger>`: every fault as a row, from raised to woken; sorted, filtered, and in step with the chart. */
import { html, type PropertyValues, type TemplateResult } from 'lit';
import { selectBy } from '../input/selectBy.ts';
import { listMove } from '../input/listKeys.ts';
import { ledgerColumns, type LedgerColumnId } from '../model/ledgerColumns.ts';
import { clampedTopPx, ledgerRowPx, revealingTopPx, visibleRows } from '../model/visibleRows.ts';
import { LedgerList } from '../state/ledgerList.ts';
import { ledgerStyles } from '../styles/ledgerStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import './ledgerBar.ts';
import { ledgerHead } from './ledgerHead.ts';
import { ledgerRow, rowElementId } from './ledgerRow.ts';
import { StateElement } from './stateElement.ts';

const scrollStepPx = 60;

export class LedgerTable extends StateElement {
  static override styles = [sharedStyles, ledgerStyles];
  protected override readonly ignored = [
    'rows',
    'window',
    'form',
    'results',
    'preflight',
    'preview',
  ] as const;
  private list: LedgerList | undefined;
  private isListingNew = false;
  private topPx = 0;
  private viewPx = 0;
  /** Height of all rows, as seen last. */
  private listedPx = 0;
  /** The fault at the top, and by how much of its row the view is scrolled past it. */
  private anchor: { readonly fault: number; readonly pastPx: number } | undefined;
  private revealed: number | null = null;
  private selected: ReadonlySet<number> = new Set();
  private selectedIds: readonly number[] = [];
  private readonly observer = new ResizeObserver(([entry]) => {
    this.viewPx = Math.max(0, (entry?.contentRect.height ?? 0) - this.headPx());
    this.requestUpdate();
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.list = new LedgerList(this.state, () => {
      this.isListingNew = true;
      this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.list?.dispose();
    this.observer.disconnect();
  }

  override firstUpdated(): void {
    this.observer.observe(this.scroller());
  }

  override focus(): void {
    this.scroller().focus();
  }

  /** Puts the focus into the filter. */
  focusFilter(): void {
    this.renderRoot.querySelector('uffd-ledger-bar')?.focus();
  }

  private scroller(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.scroller')!;
  }

  private headPx(): number {
    return this.renderRoot.querySelector<HTMLElement>('.head')?.offsetHeight ?? 0;
  }

  private rows(): Uint32Array {
    return this.list?.listing.rows ?? new Uint32Array(0);
  }

  // ---- where the view is scrolled to -------------------------------------------------

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const rows = this.rows();
    if (this.selectedIds !== this.state.selectedIds) {
      this.selectedIds = this.state.selectedIds;
      this.selected = new Set(this.selectedIds);
    }
    if (this.isListingNew) {
      this.isListingNew = false;
      this.stayInPlace();
    }
    const { selectedId } = this.state;
    if (selectedId !== this.revealed && this.viewPx > 0) {
      const place = this.list?.listing.placeOf(this.state.selectedIndex) ?? -1;
      if (place !== -1) {
        this.topPx = revealingTopPx(this.topPx, place, this.viewPx);
      }
      this.revealed = selectedId;
    }
    this.topPx = clampedTopPx(this.topPx, rows.length, this.viewPx);
    this.listedPx = rows.length * ledgerRowPx;
    this.keepAnchor();
  }

  /** Rows came and went: what is read stays where it is, except at an end that is being followed. */
  private stayInPlace(): void {
    const isAtTop = this.topPx === 0;
    const isAtBottom = this.topPx > 0 && this.topPx >= this.listedPx - this.viewPx - 1;
    if (this.state.window.isFollowing && isAtBottom) {
      this.topPx = Infinity;
    } else if (this.anchor !== undefined && !(this.state.window.isFollowing && isAtTop)) {
      const place = this.list?.listing.placeOf(this.anchor.fault) ?? -1;
      if (place !== -1) {
        this.topPx = place * ledgerRowPx + this.anchor.pastPx;
      }
    }
  }

  private keepAnchor(): void {
    const first = Math.floor(this.topPx / ledgerRowPx);
    const fault = this.rows()[first];
    this.anchor = fault === undefined ? undefined : { fault, pastPx: this.topPx - first * ledgerRowPx };
  }

  override updated(): void {
    const count = this.rows().length;
    const size = this.renderRoot.querySelector<HTMLElement>('.size')!;
    const layer = this.renderRoot.querySelector<HTMLElement>('.rows')!;
    size.style.height = `${count * ledgerRowPx}px`;
    layer.style.height = `${Math.min(count * ledgerRowPx, this.viewPx)}px`;
    (layer.firstElementChild as HTMLElement).style.transform = `translateY(${-(this.topPx % ledgerRowPx)}px)`;
    const scroller = this.scroller();
    if (Math.abs(scroller.scrollTop - this.topPx) >= 1) {
      scroller.scrollTop = this.topPx;
    }
  }

  private readonly onScroll = (): void => {
    const { scrollTop } = this.scroller();
    if (Math.abs(scrollTop - this.topPx) >= 1) {
      this.topPx = scrollTop;
      this.requestUpdate();
    }
  };

  // ---- what is seen ----------------------------------------------------------------

  override render(): TemplateResult {
    const { state } = this;
    const { sort } = state.ledger;
    const rows = this.rows();
    const { first, end } = visibleRows(rows.length, this.topPx, this.viewPx);
    const primary = this.list?.listing.placeOf(state.selectedIndex) ?? -1;
    const isPrimarySeen = primary >= first && primary < end;
    const source = this.list?.source();
    return html`
      <uffd-ledger-bar .listed=${rows.length} .state=${state} .host=${this.host}></uffd-ledger-bar>
      <div class="frame">
        <div
          class="scroller"
          data-testid="ledger"
          data-listed=${rows.length}
          tabindex="0"
          role="grid"
          aria-label="Ledger of faults"
          aria-multiselectable="true"
          aria-rowcount=${rows.length + 1}
          aria-colcount=${ledgerColumns.length}
          aria-activedescendant=${isPrimarySeen ? rowElementId(state.selectedIndex) : ''}
          @scroll=${this.onScroll}
          @keydown=${this.onKey}
          @pointerdown=${this.onPress}
        >
          ${ledgerHead(sort, (column) => this.sortBy(column))}
          <div class="size" role="presentation">
            <div class="rows" role="rowgroup">
              <div role="presentation">
                ${
                  source === undefined
                    ? ''
                    : Array.from(rows.subarray(first, end), (i, n) =>
                        ledgerRow(source, i, first + n, {
                          isSelected: this.selected.has(source.faults.id(i)),
                          isPrimary: i === state.selectedIndex,
                        }),
                      )
                }
              </div>
            </div>
          </div>
          ${rows.length > 0 ? '' : html`<div class="empty muted" role="presentation">${this.emptyWords()}</div>`}
        </div>
      </div>
    `;
  }

  private emptyWords(): string {
    return this.state.trace.faults.count === 0
      ? 'No thread has faulted yet.'
      : 'No fault matches the filter.';
  }

  // ---- what the user does -------------------------------------------------------------

  private sortBy(column: LedgerColumnId): void {
    const { sort } = this.state.ledger;
    const isDescending = sort.column === column && !sort.isDescending;
    this.anchor = undefined;
    this.revealed = null;
    this.state.setLedger({ sort: { column, isDescending } });
  }

  private readonly onPress = (event: PointerEvent): void => {
    const row = event.composedPath().find((each) => each instanceof HTMLElement && each.role === 'row');
    const place = row instanceof HTMLElement ? Number(row.dataset['place'] ?? NaN) : NaN;
    const i = this.rows()[place];
    if (event.button !== 0 || i === undefined) {
      return;
    }
    const how = selectBy(event);
    if (how === 'toggle') {
      this.state.toggleSelected(this.state.trace.faults.id(i));
    } else {
      this.goTo(place, how === 'extend');
    }
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.target !== this.scroller()) {
      return;
    }
    const isChord = event.ctrlKey || event.metaKey;
    if (isChord && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      const { faults } = this.state.trace;
      this.state.selectMany(Array.from(this.rows(), (i) => faults.id(i)));
      return;
    }
    const sideways = { ArrowLeft: -scrollStepPx, ArrowRight: scrollStepPx }[event.key];
    if (sideways !== undefined && !isChord) {
      event.preventDefault();
      this.scroller().scrollLeft += sideways;
      return;
    }
    const rows = this.rows();
    const place = this.list?.listing.placeOf(this.state.selectedIndex) ?? -1;
    const page = Math.max(1, Math.floor(this.viewPx / ledgerRowPx) - 1);
    const to = listMove(event, place, rows.length, page);
    if (to !== undefined) {
      event.preventDefault();
      if (to !== -1) {
        this.goTo(to, event.shiftKey);
      }
    }
  };

  /** Selects the fault at `place`, with `isExtending` all rows from where the selection began. */
  private goTo(place: number, isExtending: boolean): void {
    const { state } = this;
    const rows = this.rows();
    const i = rows[place]!;
    if (isExtending && state.selectedIndex !== -1) {
      state.extendSelection(i, (from) => this.listedBetween(from, place));
      state.reveal(i);
    } else {
      state.selectAndReveal(i);
    }
  }

  /** The listed faults from fault `from` to the one at `place`, in that order. */
  private listedBetween(from: number, place: number): readonly number[] {
    const rows = this.rows();
    const fromPlace = this.list?.listing.placeOf(from) ?? -1;
    if (fromPlace === -1) {
      return [rows[place]!];
    }
    const between = [...rows.subarray(Math.min(fromPlace, place), Math.max(fromPlace, place) + 1)];
    return fromPlace <= place ? between : between.reverse();
  }
}

customElements.define('uffd-ledger', LedgerTable);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-ledger': LedgerTable;
  }
}
