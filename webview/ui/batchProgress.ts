/** `<uffd-batch-progress>`: how far a running batch has come, and the way to stop it. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { css, html, type TemplateResult } from 'lit';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

export class BatchProgressBar extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      .batch {
        display: grid;
        grid-template-columns: 1fr max-content max-content;
        align-items: center;
        gap: 4px 10px;
      }
      progress {
        appearance: none;
        width: 100%;
        height: 6px;
        overflow: hidden;
        background: var(--vscode-input-background);
        border: 1px solid var(--vscode-contrastBorder, transparent);
        border-radius: 3px;
      }
      progress::-webkit-progress-bar {
        background: var(--vscode-input-background);
      }
      progress::-webkit-progress-value {
        background: var(--vscode-progressBar-background, var(--vscode-focusBorder));
      }
      .count {
        font-variant-numeric: tabular-nums;
      }
    `,
  ];
  protected override readonly ignored = ['rows', 'window', 'form', 'preflight', 'preview'] as const;
  private hadFocus = false;

  override render(): TemplateResult {
    const { progress } = this.state.resolving;
    if (progress === null) {
      return html``;
    }
    const text = `${progress.done} of ${progress.total}`;
    return html`<div class="batch" data-testid="batch-progress">
      <progress
        max=${progress.total}
        .value=${progress.done}
        aria-label="Batch"
        aria-valuetext=${text}
      ></progress>
      <span class="count muted">${text}</span>
      <vscode-button
        secondary
        icon="debug-stop"
        data-testid="batch-cancel"
        title="Stop after the current ioctl: whole pages only"
        @click=${() => this.host.actions.cancel()}
        >Cancel</vscode-button
      >
    </div>`;
  }

  override willUpdate(): void {
    this.hadFocus = this.hasFocus();
  }

  /** The button goes with its batch: the focus must not. */
  override updated(): void {
    if (this.hadFocus && !this.hasFocus()) {
      this.leaveToChart();
    }
  }

  private hasFocus(): boolean {
    return this.shadowRoot !== null && this.shadowRoot.activeElement !== null;
  }
}

customElements.define('uffd-batch-progress', BatchProgressBar);
