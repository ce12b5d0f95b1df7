/** `<uffd-statistics>`: latency histogram and address heat map, side by side where there is room. */
import { css, html, type TemplateResult } from 'lit';
import { sharedStyles } from '../styles/sharedStyles.ts';
import './addressHeatMap.ts';
import './latencyHistogram.ts';
import { StateElement } from './stateElement.ts';

export class StatisticsPane extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        container-type: inline-size;
        display: block;
        border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      }
      .pane {
        display: grid;
        grid-template: 176px / 1fr 1fr;
      }
      uffd-address-heat-map {
        border-left: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      }
      @container (width < 620px) {
        .pane {
          grid-template: 130px 150px / 1fr;
        }
        uffd-address-heat-map {
          border-left: none;
        }
      }
    `,
  ];
  protected override readonly ignored = ['rows', 'window', 'selection', 'form', 'results', 'ledger'] as const;

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('uffd-latency-histogram')?.focus();
  }

  override render(): TemplateResult {
    const { state, host } = this;
    return html`<div class="pane" role="group" aria-label="Statistics" data-testid="statistics">
      <uffd-latency-histogram .state=${state} .host=${host}></uffd-latency-histogram>
      <uffd-address-heat-map .state=${state} .host=${host}></uffd-address-heat-map>
    </div>`;
  }
}

customElements.define('uffd-statistics', StatisticsPane);
