/** `<uffd-fault-details>`: everything about the selected faults, and the form that acts on them. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { type FaultPhase } from '../model/faultTable.ts';
import { phaseMeanings, phaseWords } from '../model/faultWords.ts';
import { faultDetailsStyles } from '../styles/faultDetailsStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import './answerList.ts';
import './faultAge.ts';
import { faultFacts } from './faultFacts.ts';
import { faultLife, faultLog } from './faultStory.ts';
import './hexPreview.ts';
import './resolveForm.ts';
import './sessionSummary.ts';
import { severalFaults } from './severalFaults.ts';
import { StateElement } from './stateElement.ts';

const phaseIcons: Readonly<Record<FaultPhase, string>> = {
  waiting: 'history',
  held: 'warning',
  asleep: 'bell-slash',
  woken: 'pass',
  handedBack: 'reply',
  superseded: 'circle-slash',
  endedWithProcess: 'debug-disconnect',
};

export class FaultDetails extends StateElement {
  static override styles = [sharedStyles, faultDetailsStyles];
  protected override readonly ignored = ['window', 'form', 'results', 'preflight', 'preview'] as const;
  private shownId: number | null = null;

  override render(): TemplateResult {
    const { state, host } = this;
    const { selectedIndex: i, selectedIds, selectedId, trace, isLive } = state;
    if (i === -1 || selectedId === null) {
      return html`<uffd-session-summary .state=${state} .host=${host}></uffd-session-summary>`;
    }
    const isSeveral = selectedIds.length > 1;
    if (state.isRecording) {
      return html`
        ${isSeveral ? severalFaults(state) : nothing} ${this.header(i)} ${faultFacts(state, i)}
        <p class="muted" data-testid="recording">
          This is a recording: its faults can be looked at, and there is no thread to resolve or wake.
        </p>
        ${faultLife(trace, i)} ${faultLog(trace, i)}
      `;
    }
    return html`
      ${isSeveral ? severalFaults(state) : html`${this.header(i)} ${faultFacts(state, i)}`}
      <uffd-resolve-form .state=${state} .host=${host}></uffd-resolve-form>
      <uffd-answer-list
        .subject=${isSeveral ? 'selection' : selectedId}
        .state=${state}
        .host=${host}
      ></uffd-answer-list>
      ${isSeveral ? html`${this.header(i)} ${faultFacts(state, i)}` : nothing}
      <uffd-hex-preview .state=${state} .host=${host}></uffd-hex-preview>
      ${isLive ? this.ruleButton(selectedId) : nothing} ${faultLife(trace, i)} ${faultLog(trace, i)}
    `;
  }

  /** Another fault is read from its top, unless somebody is at work further down. */
  override updated(): void {
    const { selectedId } = this.state;
    if (selectedId !== this.shownId) {
      this.shownId = selectedId;
      if (this.shadowRoot?.activeElement === null) {
        this.scrollTop = 0;
      }
    }
  }

  /** Puts the focus into the resolve form. */
  async focusForm(): Promise<void> {
    await this.updateComplete;
    const form = this.renderRoot.querySelector('uffd-resolve-form');
    await form?.updateComplete;
    form?.focusFirst();
  }

  private header(i: number): TemplateResult {
    const { faults } = this.state.trace;
    const phase = faults.phase(i);
    return html`<section>
      <header>
        <h2 data-testid="fault-title">Fault ${faults.id(i)}</h2>
        <span class="phase ${phase}" data-testid="fault-phase" data-phase=${phase}
          ><vscode-icon name=${phaseIcons[phase]} size="14"></vscode-icon>${phaseWords[phase]}</span
        >
        <uffd-fault-age
          class="age"
          data-testid="fault-age"
          .state=${this.state}
          .host=${this.host}
        ></uffd-fault-age>
      </header>
      <p class="muted">${phaseMeanings[phase]}</p>
    </section>`;
  }

  private ruleButton(faultId: number): TemplateResult {
    return html`<div>
      <vscode-button
        secondary
        icon="debug-breakpoint-conditional"
        data-testid="ask-rule"
        title="Make a rule that does something with faults like this one"
        @click=${() => this.host.askRule(faultId)}
        >Rule for Faults Like This…</vscode-button
      >
    </div>`;
  }
}

customElements.define('uffd-fault-details', FaultDetails);
