/** `<uffd-fault-age>`: how long the selected fault's thread has slept, counting up while it does. */
import { html, type TemplateResult } from 'lit';
import { endOpen } from '../model/faultTable.ts';
import { ageInWords } from '../model/faultWords.ts';
import { StateElement } from './stateElement.ts';

const redrawMs = 200;
const reducedMotionRedrawMs = 1000;

export class FaultAge extends StateElement {
  protected override readonly ignored = ['window', 'form', 'results'] as const;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Without a shadow root: this is a word in the text of the details. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override render(): TemplateResult {
    const { trace, selectedIndex } = this.state;
    return html`${selectedIndex === -1 ? '' : ageInWords(trace.faults, selectedIndex, this.state.nowNs())}`;
  }

  override updated(): void {
    const { trace, selectedIndex, isLive } = this.state;
    const isAgeing = isLive && selectedIndex !== -1 && trace.faults.end(selectedIndex) === endOpen;
    if (!isAgeing) {
      this.stop();
    } else if (this.isConnected) {
      const isReduced = document.body.classList.contains('vscode-reduce-motion');
      this.timer ??= setInterval(() => this.redraw(), isReduced ? reducedMotionRedrawMs : redrawMs);
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private redraw(): void {
    if (!document.hidden) {
      this.requestUpdate();
    }
  }
}

customElements.define('uffd-fault-age', FaultAge);
