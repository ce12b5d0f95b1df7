/** `<uffd-session-summary>`: the attached uffd and its ranges, while no fault is selected. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import { formatBytes } from '../model/duration.ts';
import { memoryInWords, modesInWords } from '../model/rangeWords.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import './answerList.ts';
import './batchProgress.ts';
import './rangeActions.ts';
import { StateElement } from './stateElement.ts';

export class SessionSummary extends StateElement {
  static override styles = [
    sharedStyles,
    css`
      :host,
      section {
        display: flex;
        flex-direction: column;
        gap: 7px;
      }
      section {
        margin-top: 10px;
      }
      ul {
        display: flex;
        flex-direction: column;
        gap: 6px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .notes li {
        display: grid;
        grid-template-columns: 16px 1fr;
        gap: 8px;
        --vscode-icon-foreground: var(--vscode-charts-blue);
      }
      summary > .muted {
        padding-left: 14px;
      }
    `,
  ];
  static override properties = { opened: { state: true } };
  /** Starts of the ranges whose actions are shown. */
  declare private opened: ReadonlySet<string>;
  protected override readonly ignored = [
    'rows',
    'window',
    'form',
    'results',
    'preflight',
    'preview',
  ] as const;

  constructor() {
    super();
    this.opened = new Set();
  }

  override render(): TemplateResult {
    const session = this.state.view?.session;
    if (session === undefined) {
      return html``;
    }
    const { uffd, ranges, notes } = session;
    return html`
      <h2>No fault selected</h2>
      <p class="muted">Click a fault, or move to one with the arrow keys. N goes to the next held fault.</p>
      ${
        notes.length === 0
          ? nothing
          : html`<ul class="notes" data-testid="session-notes" aria-label="About this uffd">
              ${notes.map((note) => html`<li><vscode-icon name="info"></vscode-icon><span>${note}</span></li>`)}
            </ul>`
      }
      <section>
        <h3>Session</h3>
        <dl data-testid="session-facts">
          <dt>Process</dt>
          <dd>${session.comm} ${session.pid === 0 ? '(its pid is not known)' : `(pid ${session.pid})`}</dd>
          <dt>Command</dt>
          <dd class="code">${session.commandLine}</dd>
          <dt>Uffd</dt>
          <dd>fd ${uffd.fd}, ${uffd.isBlocking ? 'blocking' : 'non-blocking'}</dd>
          <dt>Features</dt>
          <dd>${uffd.features.length === 0 ? 'none' : uffd.features.join(' ')}</dd>
          <dt>Ioctls</dt>
          <dd>${uffd.ioctls.length === 0 ? 'none' : uffd.ioctls.join(' ')}</dd>
        </dl>
      </section>
      <section>
        <h3>Registered ranges</h3>
        ${ranges.length === 0 ? html`<p class="muted">None at the moment.</p>` : nothing}
        <ul data-testid="ranges">
          ${repeat(
            ranges,
            ({ start }) => start,
            (range) => this.range(range),
          )}
        </ul>
        <uffd-batch-progress .state=${this.state} .host=${this.host}></uffd-batch-progress>
        <uffd-answer-list .subject=${'ranges'} .state=${this.state} .host=${this.host}></uffd-answer-list>
      </section>
    `;
  }

  private range(range: RangeDto): TemplateResult {
    const isOpen = this.opened.has(range.start);
    return html`<li>
      <details data-testid="range" ?open=${isOpen} @toggle=${(event: Event) => this.toggled(range, event)}>
        <summary>
          <span class="code">${range.start}</span> + ${formatBytes(range.lengthBytes)}, ${modesInWords(range)}
          <div class="muted">${memoryInWords(range)}</div>
        </summary>
        ${
          isOpen
            ? html`<uffd-range-actions
                .range=${range}
                .state=${this.state}
                .host=${this.host}
              ></uffd-range-actions>`
            : nothing
        }
      </details>
    </li>`;
  }

  private toggled({ start }: RangeDto, event: Event): void {
    const others = [...this.opened].filter((opened) => opened !== start);
    const isOpen = event.target instanceof HTMLDetailsElement && event.target.open;
    this.opened = new Set(isOpen ? [...others, start] : others);
  }
}

customElements.define('uffd-session-summary', SessionSummary);
