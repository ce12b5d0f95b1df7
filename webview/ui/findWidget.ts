/** `<uffd-find>`: looks for faults of the current session, as VS Code's find widget does in an editor. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { searchAsFilter, searchCount, searchWords } from '../model/faultSearch.ts';
import { goToMatch } from '../state/goToMatch.ts';
import { findStyles } from '../styles/findStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

export class FindWidget extends StateElement {
  static override styles = [sharedStyles, findStyles];
  protected override readonly ignored = ['window', 'form', 'results', 'preflight', 'preview'] as const;
  protected override readonly showsFiltered = true;
  protected override readonly showsSearch = true;
  /** A step that was asked for before anything was found. */
  private awaitedStep: 1 | -1 | null = null;
  private stopAwaiting: (() => void) | undefined;

  constructor() {
    super();
    this.addEventListener('keydown', (event) => this.onKey(event));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stopAwaiting = this.state.subscribe((change) => {
      if (change === 'shown' && this.awaitedStep !== null) {
        this.step(this.awaitedStep);
      }
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopAwaiting?.();
  }

  /** Shows the widget, and puts the focus into its text. */
  async open(): Promise<void> {
    this.state.setSearch({ isShown: true });
    await this.updateComplete;
    const input = this.renderRoot.querySelector('input');
    input?.focus();
    input?.select();
  }

  /** Goes to the next (1) or previous (-1) match, as soon as one is found; asks what to find when nothing is. */
  step(direction: 1 | -1): void {
    const { state } = this;
    if (state.search.text.trim() === '') {
      void this.open();
      return;
    }
    if (!state.search.isShown) {
      state.setSearch({ isShown: true });
    }
    this.awaitedStep = !goToMatch(state, direction) && this.isSearching() ? direction : null;
  }

  override render(): TemplateResult {
    const { search } = this.state;
    if (!search.isShown) {
      return html``;
    }
    const words = this.countWords();
    const hasNone = words === 'No results';
    const isIdle = search.text.trim() === '' || hasNone;
    return html`<div class="widget" role="search" aria-label="Find in timeline" data-testid="find">
      <input
        type="text"
        data-testid="find-text"
        aria-label="Find faults"
        placeholder="Find"
        title="Thread, address, range, state, access, errno, flag or number; words that all must match"
        spellcheck="false"
        autocomplete="off"
        aria-invalid=${hasNone}
        .value=${live(search.text)}
        @input=${this.onInput}
      />
      <span class="count ${hasNone ? 'none' : ''}" role="status" data-testid="find-count">${words}</span>
      ${this.button('find-previous', 'arrow-up', 'Previous Match (Shift+Enter)', isIdle, () => this.step(-1))}
      ${this.button('find-next', 'arrow-down', 'Next Match (Enter)', isIdle, () => this.step(1))}
      ${this.button('find-filter', 'filter', 'Show Only Matches: Make This the Filter', isIdle, () => this.toFilter())}
      ${this.button('find-close', 'close', 'Close (Escape)', false, () => this.close())}
    </div>`;
  }

  private button(
    testId: string,
    icon: string,
    title: string,
    isDisabled: boolean,
    act: () => void,
  ): TemplateResult {
    return html`<button
      data-testid=${testId}
      title=${title}
      aria-label=${title}
      aria-disabled=${isDisabled}
      @click=${isDisabled ? undefined : act}
    >
      <vscode-icon name=${icon} size="16"></vscode-icon>
    </button>`;
  }

  private countWords(): string {
    const { search, current, trace, selectedIndex } = this.state;
    const found = current?.found ?? null;
    if (found !== null) {
      return searchWords(searchCount(found, trace.faults, selectedIndex));
    }
    return search.text.trim() === '' ? '' : 'Searching…';
  }

  private isSearching(): boolean {
    const { current, trace } = this.state;
    const found = current?.found ?? null;
    return found === null || found.seenCount < trace.faults.count;
  }

  private readonly onInput = (event: Event): void => {
    this.awaitedStep = null;
    this.state.setSearch({ text: (event.target as HTMLInputElement).value });
  };

  private onKey(event: KeyboardEvent): void {
    const isInText = event.composedPath()[0] instanceof HTMLInputElement;
    const isStep = event.key === 'F3' || (event.key === 'Enter' && isInText && !event.isComposing);
    if (isStep && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    }
  }

  private toFilter(): void {
    const { state } = this;
    state.setFilter(searchAsFilter(state.filter, state.search.text));
    state.setSearch({ text: '' });
    this.close();
  }

  private close(): void {
    this.awaitedStep = null;
    this.state.setSearch({ isShown: false });
    this.leaveToChart();
  }
}

customElements.define('uffd-find', FindWidget);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-find': FindWidget;
  }
}
