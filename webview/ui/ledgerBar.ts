/** `<uffd-ledger-bar>`: the ledger's filter, and how many faults it lists. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, type TemplateResult } from 'lit';
import { inGroups } from '../model/duration.ts';
import { scopeWords } from '../model/filterWords.ts';
import { faultScopes } from '../model/faultFilter.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

/** Time that typing may go on before the filter is applied. */
const typingPauseMs = 120;

export class LedgerBar extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: flex;
        flex: none;
        align-items: center;
        gap: 8px;
        padding: 5px 8px 5px 12px;
      }
      input,
      select {
        height: 24px;
        padding: 2px 6px;
        font: inherit;
        border-radius: 3px;
      }
      input {
        flex: 0 1 320px;
        min-width: 80px;
        color: var(--vscode-input-foreground);
        background: var(--vscode-input-background);
        border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
      }
      input::placeholder {
        color: var(--vscode-input-placeholderForeground);
      }
      select {
        color: var(--vscode-dropdown-foreground);
        background: var(--vscode-dropdown-background);
        border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent));
      }
      input:focus-visible,
      select:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: -1px;
      }
      .count {
        flex: 1;
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];
  static override properties = { ...StateElement.properties, listed: { attribute: false } };
  /** How many faults are listed. */
  declare listed: number;
  protected override readonly ignored = ['window', 'form', 'results', 'preflight', 'preview'] as const;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.listed = 0;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.typingTimer);
  }

  override focus(): void {
    const input = this.renderRoot.querySelector('input');
    input?.focus();
    input?.select();
  }

  override render(): TemplateResult {
    const { filter } = this.state;
    return html`
      <input
        type="search"
        data-testid="ledger-filter"
        aria-label="Filter faults"
        placeholder="Filter (thread, address, range, state, errno, flag)"
        spellcheck="false"
        .value=${filter.text}
        @input=${this.onInput}
      />
      <select data-testid="ledger-scope" aria-label="Faults listed" @change=${this.onScope}>
        ${faultScopes.map(
          (scope) =>
            html`<option value=${scope} ?selected=${scope === filter.scope}>${scopeWords[scope]}</option>`,
        )}
      </select>
      <span class="count muted" data-testid="ledger-count">${this.countWords()}</span>
      <vscode-icon
        action-icon
        name="close"
        label="Hide the ledger"
        title="Hide the ledger (T)"
        @click=${this.onClose}
      ></vscode-icon>
    `;
  }

  private countWords(): string {
    const { trace, selectedIds } = this.state;
    const { count } = trace.faults;
    const selected = selectedIds.length > 1 ? `, ${inGroups(selectedIds.length)} selected` : '';
    const all = `${inGroups(count)} ${count === 1 ? 'fault' : 'faults'}`;
    return this.listed === count ? `${all}${selected}` : `${inGroups(this.listed)} of ${all}${selected}`;
  }

  private readonly onInput = (event: Event): void => {
    const text = (event.target as HTMLInputElement).value;
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => {
      this.state.setFilter({ text });
    }, typingPauseMs);
  };

  private readonly onScope = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    const scope = faultScopes.find((each) => each === value) ?? 'all';
    this.state.setFilter({ scope });
  };

  private readonly onClose = (): void => {
    this.state.setLedger({ isShown: false });
    this.leaveToChart();
  };
}

customElements.define('uffd-ledger-bar', LedgerBar);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-ledger-bar': LedgerBar;
  }
}
