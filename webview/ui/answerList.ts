/** `<uffd-answer-list>`: what Resolve and Wake answered about the selected fault, latest first. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, nothing, type TemplateResult } from 'lit';
import { type IoctlResultDto } from '../../native-helper/protocol.ts';
import { formatMoment } from '../model/duration.ts';
import { endOpen } from '../model/faultTable.ts';
import { type Answer } from '../state/timelineState.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

export class AnswerList extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      ul {
        display: flex;
        flex-direction: column;
        gap: 6px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 16px 1fr;
        gap: 2px 8px;
        padding: 7px 10px;
        border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
        border-left: 3px solid var(--vscode-charts-green);
        border-radius: 3px;
        overflow-wrap: anywhere;
      }
      li.failed {
        border-left-color: var(--vscode-errorForeground);
      }
      li > div {
        grid-column: 2;
        font-size: 0.92em;
      }
      vscode-icon {
        margin-top: 1px;
        --vscode-icon-foreground: var(--vscode-charts-green);
      }
      .failed vscode-icon {
        --vscode-icon-foreground: var(--vscode-errorForeground);
      }
      vscode-button {
        margin-top: 4px;
      }
      h3 {
        margin-bottom: 7px;
      }
    `,
  ];
  protected override readonly ignored = ['window', 'form'] as const;
  private shown: Answer | undefined;
  private hadFocus = false;

  override render(): TemplateResult {
    const faultId = this.state.selectedId;
    const answers = faultId === null ? [] : this.state.answersOf(faultId);
    return html`
      ${answers.length === 0 ? nothing : html`<h3>Answers</h3>`}
      <ul data-testid="results" role="log" aria-live="polite" aria-label="Answers of Resolve and Wake">
        ${answers.map((answer, n) => this.answer(answer, n === 0))}
      </ul>
    `;
  }

  override willUpdate(): void {
    this.hadFocus = this.hasFocus();
  }

  /** Brings a new answer into view: it is what the developer waits for. */
  override updated(): void {
    const { selectedId } = this.state;
    const latest = selectedId === null ? undefined : this.state.answersOf(selectedId)[0];
    if (latest !== undefined && latest !== this.shown) {
      this.renderRoot.querySelector('li')?.scrollIntoView({ block: 'nearest' });
    }
    this.shown = latest;
    if (this.hadFocus && !this.hasFocus()) {
      this.leaveToChart();
    }
  }

  private hasFocus(): boolean {
    return this.shadowRoot !== null && this.shadowRoot.activeElement !== null;
  }

  private answer(answer: Answer, isLatest: boolean): TemplateResult | readonly TemplateResult[] {
    return answer.refusal === null
      ? answer.results.map((result) => this.result(result, answer.atNs, isLatest))
      : html`<li class="failed" data-testid="result" data-errno="refused">
          <vscode-icon name="error"></vscode-icon>
          <span>${answer.refusal}</span>
          <div class="muted">${formatMoment(answer.atNs)}</div>
        </li>`;
  }

  private result(result: IoctlResultDto, atNs: number, isLatest: boolean): TemplateResult {
    const isFailed = result.errno !== undefined;
    const facts = [
      result.errno ?? 'success',
      ...(result.out === undefined ? [] : [`out ${result.out}`]),
      `${result.lengthBytes} bytes at ${result.start}`,
    ];
    return html`<li
      class=${isFailed ? 'failed' : 'done'}
      data-testid="result"
      data-ioctl=${result.ioctl}
      data-errno=${result.errno ?? ''}
    >
      <vscode-icon name=${isFailed ? 'error' : 'pass'}></vscode-icon>
      <span>${result.text}</span>
      <div class="code">${facts.join(' · ')}</div>
      <div class="muted">${formatMoment(atNs)}</div>
      ${isLatest && result.errno === 'EEXIST' ? this.offerWake() : nothing}
    </li>`;
  }

  private offerWake(): TemplateResult | typeof nothing {
    const { selectedId, selectedIndex, trace, isLive } = this.state;
    if (selectedId === null || !isLive || trace.faults.end[selectedIndex] !== endOpen) {
      return nothing;
    }
    return html`<div>
      <vscode-button
        secondary
        icon="bell"
        data-testid="wake-after-eexist"
        @click=${() => void this.host.wake([selectedId])}
        >Wake the thread</vscode-button
      >
    </div>`;
  }
}

customElements.define('uffd-answer-list', AnswerList);
