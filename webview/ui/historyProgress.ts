/** `<uffd-history-progress>`: how much of the sessions' histories has come, while some of it is still to come. */
import { css, html, type TemplateResult } from 'lit';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

export class HistoryProgress extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        position: relative;
        z-index: 1;
        height: 0;
      }
      progress {
        display: block;
        appearance: none;
        width: 100%;
        height: 2px;
        border: none;
        background: transparent;
      }
      progress::-webkit-progress-bar {
        background: transparent;
      }
      progress::-webkit-progress-value {
        background: var(--vscode-progressBar-background, var(--vscode-focusBorder));
      }
    `,
  ];
  protected override readonly ignored = ['window', 'selection', 'form', 'results', 'ledger'] as const;
  protected override readonly showsAllSessions = true;

  override render(): TemplateResult {
    const shares = this.state.sessions.map(({ loadedShare }) => loadedShare).filter((share) => share < 1);
    if (shares.length === 0) {
      return html``;
    }
    const share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
    return html`<progress
      data-testid="history-progress"
      .value=${share}
      aria-label="Loading the history"
      aria-valuetext=${`${Math.floor(share * 100)} %`}
    ></progress>`;
  }
}

customElements.define('uffd-history-progress', HistoryProgress);
