/** `<uffd-answer-list>`: what was answered about a fault, a selection or the ranges, latest first. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import type { BatchResultDto, IoctlResultDto } from '../../native-helper/protocol/ioctls.ts';
import { actTargets, openFaultsIn } from '../model/actTargets.ts';
import { formatMoment } from '../model/duration.ts';
import { type Answer, type AnswerSubject } from '../state/sessionActs.ts';
import { answerListStyles } from '../styles/answerListStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

/** Results shown of one answer before all are asked for. */
const resultsShown = 10;

export class AnswerList extends StateElement {
  static override styles = [sharedStyles, answerListStyles];
  static override properties = { subject: { attribute: false }, expanded: { state: true } };
  /** Whose answers are shown. */
  declare subject: AnswerSubject;
  /** The answer of which all results are shown. */
  declare private expanded: Answer | null;
  protected override readonly ignored = ['window', 'form', 'preflight', 'preview'] as const;
  private shown: Answer | undefined;
  private hadFocus = false;

  constructor() {
    super();
    this.expanded = null;
  }

  override render(): TemplateResult {
    const answers = this.state.resolving.answersOf(this.subject);
    return html`
      ${answers.length === 0 ? nothing : html`<h3>Answers</h3>`}
      <div data-testid="results" role="log" aria-live="polite" aria-label="Answers">
        <ul>
          ${answers.map((answer, n) => this.answer(answer, n === 0))}
        </ul>
      </div>
    `;
  }

  override willUpdate(): void {
    this.hadFocus = this.hasFocus();
  }

  /** Brings a new answer into view: it is what the developer waits for. */
  override updated(): void {
    const [latest] = this.state.resolving.answersOf(this.subject);
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

  private answer(answer: Answer, isLatest: boolean): TemplateResult {
    const { counts, results, refusal, atNs } = answer;
    if (refusal !== null) {
      return html`<li class="failed" data-testid="result" data-errno="refused">
        <vscode-icon name="error"></vscode-icon>
        <span>${refusal}</span>
        <div class="muted">${formatMoment(atNs)}</div>
      </li>`;
    }
    const isExpanded = this.expanded === answer;
    const mostShown = isExpanded ? results.length : isLatest || counts === null ? resultsShown : 0;
    const hidden = results.length - mostShown;
    return html`${counts === null ? nothing : this.counts(counts, answer, isLatest)}
    ${results.slice(0, mostShown).map((result) => this.result(result, atNs, isLatest))}
    ${
      hidden > 0
        ? html`<li class="more">
            <button type="button" data-testid="more-results" @click=${() => (this.expanded = answer)}>
              Show ${hidden} more ${hidden === 1 ? 'answer' : 'answers'}
            </button>
          </li>`
        : nothing
    }`;
  }

  private counts(
    { succeeded, failed, undone }: Omit<BatchResultDto, 'results'>,
    { atNs, results }: Answer,
    isLatest: boolean,
  ): TemplateResult {
    const parts = [
      `${succeeded} succeeded`,
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(undone > 0 ? [`${undone} not done`] : []),
    ];
    const asleep = results.filter(({ offersWake }) => offersWake).map(({ faultId }) => faultId);
    return html`<li class=${failed > 0 ? 'failed' : 'done'} data-testid="batch-counts">
      <vscode-icon name=${failed > 0 ? 'error' : undone > 0 ? 'circle-slash' : 'pass'}></vscode-icon>
      <b>${parts.join(', ')}</b>
      <div class="muted">${formatMoment(atNs)}</div>
      ${isLatest && asleep.length > 1 ? this.wakeButton(asleep, 'wake-all-answered') : nothing}
    </li>`;
  }

  private result(result: IoctlResultDto, atNs: number, isLatest: boolean): TemplateResult {
    const isFailed = result.errno !== undefined;
    const facts = [
      result.errno ?? 'success',
      ...(result.out === undefined ? [] : [`out ${result.out}`]),
      result.doneBytes === result.lengthBytes
        ? `${result.lengthBytes} bytes at ${result.start}`
        : `${result.doneBytes} of ${result.lengthBytes} bytes at ${result.start}`,
      ...(typeof this.subject === 'number' || result.faultId === 0 ? [] : [`fault ${result.faultId}`]),
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
      ${isLatest && result.offersWake ? this.wakeButton(this.faultsOf(result), 'wake-answered') : nothing}
    </li>`;
  }

  /** The faults whose threads an ioctl has left asleep: its own, or those in its range. */
  private faultsOf({ faultId, start, lengthBytes }: IoctlResultDto): readonly number[] {
    return faultId === 0 ? openFaultsIn(this.state.trace.faults, BigInt(start), lengthBytes) : [faultId];
  }

  /** Nothing when none of these threads sleeps any more. */
  private wakeButton(faultIds: readonly number[], testId: string): TemplateResult | typeof nothing {
    const { trace, isLive, resolving } = this.state;
    const { wake } = actTargets(trace.faults, faultIds, resolving.input.order);
    if (!isLive || wake.length === 0) {
      return nothing;
    }
    return html`<div>
      <vscode-button
        secondary
        icon="bell"
        data-testid=${testId}
        @click=${() => void this.host.actions.wake(wake, this.subject)}
        >${wake.length === 1 ? 'Wake the thread' : `Wake these ${wake.length} threads`}</vscode-button
      >
    </div>`;
  }
}

customElements.define('uffd-answer-list', AnswerList);
