/** `<uffd-fault-details>`: everything about the selected fault, and the form that acts on it. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, nothing, type TemplateResult } from 'lit';
import { formatBytes, formatDuration, formatMoment } from '../model/duration.ts';
import { endOpen, type FaultPhase } from '../model/faultTable.ts';
import { pageOf } from '../model/faultRange.ts';
import { flagsInWords, hexAddress, phaseMeanings, phaseWords, rowInWords } from '../model/faultWords.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import './answerList.ts';
import './faultAge.ts';
import './resolveForm.ts';
import './sessionSummary.ts';
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
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 16px;
        padding: 12px 14px 20px;
        overflow-y: auto;
        scrollbar-color: var(--vscode-scrollbarSlider-background) transparent;
        scrollbar-width: thin;
      }
      section {
        display: flex;
        flex-direction: column;
        gap: 7px;
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 8px;
      }
      .phase {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        padding: 1px 9px 1px 6px;
        white-space: nowrap;
        border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, currentColor));
        border-radius: 10px;
      }
      .phase.held {
        border-color: var(--vscode-errorForeground);
        --vscode-icon-foreground: var(--vscode-errorForeground);
      }
      .phase.asleep,
      .phase.waiting {
        border-color: var(--vscode-charts-yellow);
      }
      .age {
        margin-left: auto;
        font-weight: 600;
        font-variant-numeric: tabular-nums;
      }
      .life {
        display: grid;
        grid-template-columns: max-content max-content 1fr;
        gap: 3px 12px;
        font-variant-numeric: tabular-nums;
      }
      .life .gap {
        text-align: right;
      }
      ol {
        display: flex;
        flex-direction: column;
        gap: 5px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 76px 1fr;
        gap: 10px;
        overflow-wrap: anywhere;
      }
      li .when {
        text-align: right;
        white-space: nowrap;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];
  protected override readonly ignored = ['window', 'form', 'results'] as const;

  override render(): TemplateResult {
    const i = this.state.selectedIndex;
    return i === -1
      ? html`<uffd-session-summary .state=${this.state} .host=${this.host}></uffd-session-summary>`
      : html`
          ${this.header(i)} ${this.facts(i)}
          <uffd-resolve-form .state=${this.state} .host=${this.host}></uffd-resolve-form>
          <uffd-answer-list .state=${this.state} .host=${this.host}></uffd-answer-list>
          ${this.life(i)} ${this.log(i)}
        `;
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
        <h2 data-testid="fault-title">Fault ${faults.id[i]!}</h2>
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

  private facts(i: number): TemplateResult {
    const { faults } = this.state.trace;
    const address = faults.address[i]!;
    const page = pageOf(this.state.view?.session.ranges ?? [], address);
    return html`<dl data-testid="fault-facts">
      <dt>Thread</dt>
      <dd>${this.state.threadName(faults.tid[i]!)}</dd>
      <dt>Address</dt>
      <dd class="code">${hexAddress(address)}</dd>
      ${
        page === undefined
          ? html`<dt>Range</dt>
              <dd>Not in a range known when the session began</dd>`
          : html`<dt>Page</dt>
              <dd>
                <span class="code">${hexAddress(page.page)}</span>
                <span class="muted">${formatBytes(page.range.pageBytes)}</span>
              </dd>
              <dt>Range</dt>
              <dd>
                <span class="code">${page.range.start}</span> + ${formatBytes(page.range.lengthBytes)},
                ${page.range.modes.join(' ')}${page.range.backing === '' ? nothing : `, ${page.range.backing}`}
              </dd>`
      }
      <dt>Access</dt>
      <dd>${flagsInWords(faults.flags[i]!)}</dd>
    </dl>`;
  }

  /** Raised, read, resolved and over, each with the time since the one before. */
  private life(i: number): TemplateResult {
    const { faults } = this.state.trace;
    const phase = faults.phase(i);
    const last = faults.end[i] === endOpen ? 'Woken' : phaseWords[phase];
    const steps = [
      ['Raised', faults.raisedNs[i]!],
      ['Read', faults.readNs[i]!],
      ['Resolved', faults.resolvedNs[i]!],
      [last, faults.endNs[i]!],
    ] as const;
    const isBeforeAttach = faults.isBeforeAttach(i);
    let beforeNs = NaN;
    return html`<section>
      <h3>Life</h3>
      <div class="life" data-testid="fault-life">
        ${steps.map(([name, timeNs]) => {
          const gapNs = timeNs - beforeNs;
          const isUnknown = isBeforeAttach && name === 'Raised';
          beforeNs = Number.isNaN(timeNs) || isUnknown ? beforeNs : timeNs;
          return html`<span class="muted">${name}</span>
            <span class="gap">${Number.isNaN(gapNs) ? '' : `+${formatDuration(gapNs)}`}</span>
            <span class="muted"
              >${isUnknown ? 'before attach' : Number.isNaN(timeNs) ? '–' : formatMoment(timeNs)}</span
            >`;
        })}
      </div>
    </section>`;
  }

  private log(i: number): TemplateResult {
    const { faults, rows } = this.state.trace;
    const raisedNs = faults.raisedNs[i]!;
    const sign = faults.isBeforeAttach(i) ? '≥ ' : '+';
    const history = rows.rowsOf({
      id: faults.id[i]!,
      address: faults.address[i]!,
      raisedNs,
      endNs: faults.endNs[i]!,
    });
    return html`<section>
      <h3>Event log of this fault</h3>
      <ol data-testid="fault-rows">
        ${history.map(
          (row) =>
            html`<li data-kind=${row.kind} title="Row ${row.sequence}, ${formatMoment(row.timeNs)}">
              <span class="when muted">${sign}${formatDuration(row.timeNs - raisedNs)}</span>
              <span class=${row.errno === 0 ? '' : 'error'}>${rowInWords(row)}</span>
            </li>`,
        )}
      </ol>
    </section>`;
  }
}

customElements.define('uffd-fault-details', FaultDetails);
