/** `<uffd-hex-preview>`: the bytes before and after, fetched only while this section is open. */
import { css, html, nothing, type TemplateResult } from 'lit';
import { formatBytes } from '../model/duration.ts';
import { difference } from '../model/hexRows.ts';
import { selectedPage } from '../state/faultAtHand.ts';
import { previewBytes, previewBytesMax } from '../state/previewWatch.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import './hexView.ts';
import { StateElement } from './stateElement.ts';

export class HexPreview extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      details > div {
        display: flex;
        flex-direction: column;
        gap: 6px;
        margin-top: 7px;
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 14px;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 14px;
      }
    `,
  ];
  protected override readonly ignored = ['window', 'results', 'preflight'] as const;

  override render(): TemplateResult {
    const { isPreviewOpen } = this.state.resolving;
    return html`<details ?open=${isPreviewOpen} data-testid="preview" @toggle=${this.toggled}>
      <summary><h3>Bytes of the page</h3></summary>
      ${isPreviewOpen ? this.content() : nothing}
    </details>`;
  }

  private content(): TemplateResult {
    const page = selectedPage(this.state);
    if (page === undefined) {
      return html`<p class="muted">The page is in no range that is registered now.</p>`;
    }
    const { sourceBytes, pageBytes } = this.state.resolving;
    const hasBytes = sourceBytes.bytes !== null || pageBytes.bytes !== null;
    return html`<div>
      ${this.side('Source', sourceBytes.text, 'preview-source-text')}
      ${this.side('Page', pageBytes.text, 'preview-page-text')} ${hasBytes ? this.dump() : nothing}
      <div class="actions">
        ${this.wholeButton(page.range.pageBytes)}
        <button
          type="button"
          class="link"
          data-testid="preview-again"
          @click=${() => this.state.resolving.fetchPreviewAgain()}
        >
          Read again
        </button>
      </div>
    </div>`;
  }

  private side(name: string, text: string | null, testId: string): TemplateResult | typeof nothing {
    return text === null ? nothing : html`<p class="muted" data-testid=${testId}><b>${name}:</b> ${text}</p>`;
  }

  private dump(): TemplateResult {
    const source = this.state.resolving.sourceBytes.bytes;
    const page = this.state.resolving.pageBytes.bytes;
    const found = difference(source, page);
    const words =
      found === null
        ? source === null
          ? 'What the page holds'
          : 'What the source would give'
        : found.count === 0
          ? 'The page holds what the source would give'
          : `${found.count} ${found.count === 1 ? 'byte differs' : 'bytes differ'}, the first at +0x${found.first.toString(16)}`;
    return html`<p role="status" data-testid="preview-words">${words}</p>
      ${
        found === null || found.count === 0
          ? nothing
          : html`<p class="legend muted" aria-hidden="true">
              <span><span class="code">+</span> source</span> <span><span class="code">=</span> page</span>
            </p>`
      }
      <uffd-hex-view
        data-testid="preview-bytes"
        aria-label="Hex dump. ${words}"
        .source=${source}
        .page=${page}
      ></uffd-hex-view>`;
  }

  private wholeButton(pageBytes: number): TemplateResult | typeof nothing {
    const { isPreviewOpen, isPreviewWhole } = this.state.resolving;
    if (pageBytes <= previewBytes) {
      return nothing;
    }
    const all = pageBytes <= previewBytesMax ? 'the whole page' : `the first ${formatBytes(previewBytesMax)}`;
    return html`<button
      type="button"
      class="link"
      data-testid="preview-whole"
      @click=${() => this.state.resolving.setPreviewShown(isPreviewOpen, !isPreviewWhole)}
    >
      ${isPreviewWhole ? `Show the first ${previewBytes} bytes` : `Show ${all}`}
    </button>`;
  }

  private readonly toggled = (event: Event): void => {
    const { resolving } = this.state;
    const isOpen = event.target instanceof HTMLDetailsElement && event.target.open;
    if (isOpen !== resolving.isPreviewOpen) {
      resolving.setPreviewShown(isOpen, resolving.isPreviewWhole);
    }
  };
}

customElements.define('uffd-hex-preview', HexPreview);
