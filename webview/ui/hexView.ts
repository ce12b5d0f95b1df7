/**
 * `<uffd-hex-view>`: the bytes that a source gives beside those that a page holds, as a hex dump.
 * As many bytes a row as fit; only the rows in view are in the document.
 */
import { css, html, LitElement, type TemplateResult } from 'lit';
import { hexRows, rowCharacters } from '../model/hexRows.ts';
import { hexRowView } from './hexRowView.ts';

const rowPx = 17;
/** Rows drawn above and below those in view. */
const spareRows = 8;
const rowWidths = [16, 8, 4] as const;
/** Keys that scroll here and would otherwise move the chart's selection. */
const scrollKeys = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End']);

export class HexView extends LitElement {
  static override styles = css`
    :host {
      display: block;
      height: min(var(--hex-height), 290px);
      overflow: auto;
      color: var(--vscode-editor-foreground);
      background: var(--vscode-editor-background);
      border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      border-radius: 3px;
      font-family: var(--vscode-editor-font-family);
      font-size: 11px;
      scrollbar-color: var(--vscode-scrollbarSlider-background) transparent;
      scrollbar-width: thin;
    }
    :host(:focus-visible) {
      outline: 1px solid var(--vscode-focusBorder);
      outline-offset: -1px;
    }
    .all {
      position: relative;
    }
    .row {
      position: absolute;
      left: 6px;
      height: 17px;
      line-height: 17px;
    }
    .line,
    #ruler {
      white-space: pre;
    }
    .offset {
      color: var(--vscode-descriptionForeground);
    }
    b {
      font-weight: 700;
      text-decoration: underline;
      text-underline-offset: 2px;
    }
    .source b {
      color: var(--vscode-charts-green);
    }
    .page b {
      color: var(--vscode-charts-yellow);
    }
    #ruler {
      position: absolute;
      visibility: hidden;
    }
  `;
  static override properties = {
    source: { attribute: false },
    page: { attribute: false },
    widthPx: { state: true },
    scrollPx: { state: true },
  };
  /** Bytes of each side; null where they are not known. */
  declare source: Uint8Array | null;
  declare page: Uint8Array | null;
  declare private widthPx: number;
  declare private scrollPx: number;
  private readonly sizes = new ResizeObserver(() => {
    this.widthPx = this.clientWidth;
  });

  constructor() {
    super();
    this.source = null;
    this.page = null;
    this.widthPx = 0;
    this.scrollPx = 0;
    this.addEventListener('keydown', (event) => {
      if (scrollKeys.has(event.key)) {
        event.stopPropagation();
      }
    });
    this.addEventListener('scroll', () => {
      this.scrollPx = this.scrollTop;
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.tabIndex = 0;
    this.setAttribute('role', 'group');
    this.sizes.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
  }

  override render(): TemplateResult {
    const length = Math.max(this.source?.length ?? 0, this.page?.length ?? 0);
    const offsetDigits = Math.max(3, Math.max(0, length - 1).toString(16).length);
    const bytesPerRow = this.bytesPerRow(offsetDigits);
    const rows = hexRows(this.source, this.page, bytesPerRow, length);
    this.style.setProperty('--hex-height', `${rows.length * rowPx + 2}px`);
    const from = Math.max(0, Math.floor(this.scrollPx / rowPx) - spareRows);
    const shown = Math.ceil(this.clientHeight / rowPx) + 2 * spareRows;
    const contents = { source: this.source, page: this.page, bytesPerRow, offsetDigits };
    return html`<span id="ruler">00000000</span>
      <div class="all" .style=${`height: ${rows.length * rowPx}px`}>
        ${rows
          .slice(from, from + shown)
          .map(
            (row, n) =>
              html`<div
                class="row ${row.origin}"
                .style=${`top: ${(from + n) * rowPx}px`}
                data-offset=${row.offset}
                data-origin=${row.origin}
              >
                ${hexRowView(row, contents)}
              </div>`,
          )}
      </div>`;
  }

  /** The ruler and the height are known only once the rows are drawn. */
  override updated(): void {
    if (this.widthPx === 0 && this.clientWidth > 0) {
      this.widthPx = this.clientWidth;
    }
  }

  private bytesPerRow(offsetDigits: number): number {
    const ruler = this.shadowRoot?.querySelector('#ruler')?.getBoundingClientRect().width ?? 0;
    const characters = ruler === 0 ? 0 : (this.clientWidth - 12) / (ruler / 8);
    return rowWidths.find((bytes) => rowCharacters(bytes, offsetDigits) <= characters) ?? rowWidths.at(-1)!;
  }
}

customElements.define('uffd-hex-view', HexView);
