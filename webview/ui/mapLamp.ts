/** `<uffd-map-lamp>`: lit while the memory map is changing, and for a moment after it has changed. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, type TemplateResult } from 'lit';
import { changedWords, changingWords, type LampWords } from '../model/mapChangeWords.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

/** A map often changes within a millisecond: the lamp stays lit so that it is seen. */
const afterglowNs = 2e9;

export class MapLamp extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        min-width: 0;
      }
      .lamp {
        display: flex;
        align-items: center;
        gap: 5px;
        height: 24px;
        padding: 0 8px 0 6px;
        overflow: hidden;
        white-space: nowrap;
        border: 1px dashed var(--vscode-charts-orange, var(--vscode-charts-yellow));
        border-radius: 12px;
        --vscode-icon-foreground: var(--vscode-charts-orange, var(--vscode-charts-yellow));
      }
      .lamp.changing {
        border-style: solid;
      }
      span {
        overflow: hidden;
        text-overflow: ellipsis;
      }
    `,
  ];
  protected override readonly ignored = ['window', 'selection', 'form', 'results', 'ledger'] as const;
  private timer: ReturnType<typeof setTimeout> | undefined;

  override render(): TemplateResult {
    const { view } = this.state;
    const change = this.state.isLive ? view?.mapChange : null;
    if (change !== null && change !== undefined) {
      return this.lamp('changing', changingWords(change));
    }
    const restMs = this.afterglowMs();
    if (restMs <= 0) {
      return html``;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.requestUpdate(), restMs);
    const { events } = this.state.trace;
    return this.lamp('changed', changedWords(events.event(events.latestOfKernel)));
  }

  private lamp(kind: 'changing' | 'changed', { short, long }: LampWords): TemplateResult {
    return html`<div
      class="lamp ${kind}"
      role="img"
      data-testid="map-lamp"
      data-kind=${kind}
      title=${long}
      aria-label=${long}
    >
      <vscode-icon
        name=${kind === 'changing' ? 'sync' : 'sync-ignored'}
        size="14"
        aria-hidden="true"
      ></vscode-icon
      ><span>${short}</span>
    </div>`;
  }

  /** Milliseconds for which the latest event is still to be shown. */
  private afterglowMs(): number {
    const { events } = this.state.trace;
    if (!this.state.isLive || events.latestOfKernel === -1) {
      return 0;
    }
    return (events.timeNs(events.latestOfKernel) + afterglowNs - this.state.nowNs()) / 1e6;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }
}

customElements.define('uffd-map-lamp', MapLamp);
