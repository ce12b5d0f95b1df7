/** `<uffd-jump-to-now>`: while the live edge is not followed, says so, and how many faults came since. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, type TemplateResult } from 'lit';
import { inGroups } from '../model/duration.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { askFor } from './commandEvent.ts';
import { StateElement } from './stateElement.ts';

export class JumpToNow extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      button {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        height: 26px;
        padding: 0 12px 0 8px;
        font: inherit;
        font-variant-numeric: tabular-nums;
        color: var(--vscode-button-foreground);
        background: var(--vscode-button-background);
        border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent));
        border-radius: 13px;
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
        cursor: pointer;
        --vscode-icon-foreground: currentColor;
      }
      button:hover {
        background: var(--vscode-button-hoverBackground, var(--vscode-button-background));
      }
      button:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: 2px;
      }
    `,
  ];
  protected override readonly ignored = [
    'selection',
    'ledger',
    'form',
    'results',
    'preflight',
    'preview',
  ] as const;
  protected override readonly showsAllSessions = true;

  override render(): TemplateResult {
    const { isAnyLive, newFaultCount, window } = this.state;
    if (!isAnyLive || window.isFollowing) {
      return html``;
    }
    const count =
      newFaultCount === 0
        ? 'Paused'
        : newFaultCount === 1
          ? '1 new fault'
          : `${inGroups(newFaultCount)} new faults`;
    return html`<button
      data-testid="jump-to-now"
      title="Follow the live edge again (End)"
      @click=${() => {
        askFor(this, 'goToNow');
        this.leaveToChart();
      }}
    >
      <vscode-icon name="debug-continue" size="14"></vscode-icon>${count}: jump to now
    </button>`;
  }
}

customElements.define('uffd-jump-to-now', JumpToNow);
