/** `<uffd-ledger-splitter>`: the line between chart and ledger, moved by pointer or arrow keys. */
import { css, html, type TemplateResult } from 'lit';
import { initialLedgerView, ledgerMaxHeightPx, ledgerMinHeightPx } from '../model/ledgerView.ts';
import { StateElement } from './stateElement.ts';

const stepPx = 22;

export class LedgerSplitter extends StateElement {
  static override styles = css`
    :host {
      position: relative;
      display: block;
      height: 1px;
      background: var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    }
    div {
      position: absolute;
      z-index: 2;
      inset: -3px 0;
      cursor: ns-resize;
      touch-action: none;
    }
    div:hover,
    div.dragging {
      background: var(--vscode-sash-hoverBorder, var(--vscode-focusBorder));
    }
    div:focus-visible {
      outline: 1px solid var(--vscode-focusBorder);
      outline-offset: 0;
    }
  `;
  private grabbed: { readonly yPx: number; readonly heightPx: number } | undefined;

  override render(): TemplateResult {
    return html`<div
      role="separator"
      data-testid="ledger-splitter"
      tabindex="0"
      aria-label="Height of the ledger"
      aria-orientation="horizontal"
      aria-valuemin=${ledgerMinHeightPx}
      aria-valuemax=${ledgerMaxHeightPx}
      aria-valuenow=${this.state.ledger.heightPx}
      @pointerdown=${this.onGrab}
      @pointermove=${this.onDrag}
      @pointerup=${this.onRelease}
      @pointercancel=${this.onRelease}
      @dblclick=${() => this.resize(initialLedgerView.heightPx)}
      @keydown=${this.onKey}
    ></div>`;
  }

  private resize(heightPx: number): void {
    const clamped = Math.round(Math.max(ledgerMinHeightPx, Math.min(ledgerMaxHeightPx, heightPx)));
    this.state.setLedger({ heightPx: clamped });
  }

  /** The ledger's height as it is: it may have less than was wished for. */
  private heightPx(): number {
    return this.nextElementSibling?.getBoundingClientRect().height ?? this.state.ledger.heightPx;
  }

  private readonly onGrab = (event: PointerEvent): void => {
    const line = event.currentTarget as HTMLElement;
    line.setPointerCapture(event.pointerId);
    line.classList.add('dragging');
    this.grabbed = { yPx: event.clientY, heightPx: this.heightPx() };
  };

  private readonly onDrag = (event: PointerEvent): void => {
    if (this.grabbed !== undefined) {
      this.resize(this.grabbed.heightPx + this.grabbed.yPx - event.clientY);
    }
  };

  private readonly onRelease = (event: PointerEvent): void => {
    (event.currentTarget as HTMLElement).classList.remove('dragging');
    this.grabbed = undefined;
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const heightPx = {
      ArrowUp: this.heightPx() + stepPx,
      ArrowDown: this.heightPx() - stepPx,
      Home: ledgerMaxHeightPx,
      End: ledgerMinHeightPx,
    }[event.key];
    if (heightPx !== undefined) {
      event.preventDefault();
      this.resize(heightPx);
    }
  };
}

customElements.define('uffd-ledger-splitter', LedgerSplitter);
