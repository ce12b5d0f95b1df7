/** `<uffd-filter-menu>`: check boxes for the kinds and the threads of the faults that are shown, and their state. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { accessKinds, activeParts, type FaultFilter, faultScopes } from '../model/faultFilter.ts';
import { accessKindWords, scopeWords } from '../model/filterWords.ts';
import { checkStyles } from '../styles/checkStyles.ts';
import { filterMenuStyles } from '../styles/filterMenuStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { askFor } from './commandEvent.ts';
import { checkField, inputOf } from './formFields.ts';
import { StateElement } from './stateElement.ts';

/** From so many threads on, one can look for some by name. */
const findFromThreads = 9;

interface NamedThread {
  readonly tid: number;
  readonly name: string;
}

export class FilterMenu extends StateElement {
  static override styles = [sharedStyles, checkStyles, filterMenuStyles];
  static override properties = { ...StateElement.properties, wanted: { state: true } };
  /** Part of the names of the threads that are listed. */
  declare private wanted: string;
  protected override readonly ignored = [
    'window',
    'selection',
    'ledger',
    'form',
    'results',
    'preflight',
    'preview',
  ] as const;
  protected override readonly showsAllSessions = true;

  constructor() {
    super();
    this.wanted = '';
    this.addEventListener('keydown', (event) => this.onKey(event));
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus();
  }

  override render(): TemplateResult {
    const { filter } = this.state;
    return html`<div
      class="menu"
      role="dialog"
      aria-label="Filter faults"
      aria-describedby="hint"
      tabindex="-1"
      data-testid="filter-menu"
    >
      <fieldset>
        <legend>Access</legend>
        ${accessKinds.map((kind) =>
          checkField({
            label: capitalised(accessKindWords[kind]),
            testId: `filter-kind-${kind}`,
            isChecked: filter.kinds.includes(kind),
            obstacle: '',
            onChange: (isChecked) => this.set({ kinds: toggledIn(filter.kinds, kind, isChecked) }),
          }),
        )}
      </fieldset>
      ${this.threadFields(filter)}
      <p id="hint" class="muted">Where nothing is checked, all are shown.</p>
      <div class="last">
        <select
          aria-label="State"
          data-testid="filter-scope"
          @change=${(event: Event) => this.onScope(inputOf(event).value)}
        >
          ${faultScopes.map(
            (scope) =>
              html`<option value=${scope} ?selected=${scope === filter.scope}>${scopeWords[scope]}</option>`,
          )}
        </select>
        ${
          activeParts(filter).length === 0
            ? nothing
            : html`<button
                class="link"
                data-testid="filter-menu-clear"
                title="Clear filter (U)"
                @click=${() => this.clear()}
              >
                Clear filter
              </button>`
        }
      </div>
    </div>`;
  }

  private threadFields(filter: FaultFilter): TemplateResult {
    const threads = this.threads();
    const listed = threads.filter(({ name }) =>
      name.toLowerCase().includes(this.wanted.trim().toLowerCase()),
    );
    return html`<fieldset>
      <legend>Threads</legend>
      ${
        threads.length < findFromThreads
          ? nothing
          : html`<input
              type="search"
              aria-label="Find threads"
              placeholder="Find threads"
              spellcheck="false"
              data-testid="filter-find-thread"
              .value=${live(this.wanted)}
              @input=${(event: Event) => {
                this.wanted = inputOf(event).value;
              }}
            />`
      }
      <div class="threads">
        ${listed.map(({ tid, name }) =>
          checkField({
            label: filter.hiddenTids.includes(tid) ? `${name} (hidden)` : name,
            testId: `filter-thread-${tid}`,
            isChecked: filter.tids.includes(tid),
            obstacle: '',
            onChange: (isChecked) =>
              this.set({
                tids: toggledIn(filter.tids, tid, isChecked),
                hiddenTids: filter.hiddenTids.filter((other) => other !== tid),
              }),
          }),
        )}
      </div>
      ${listed.length === 0 ? html`<p class="muted">${threads.length === 0 ? 'No thread has faulted yet.' : 'No such thread.'}</p>` : nothing}
    </fieldset>`;
  }

  /** Those that have faulted, of all sessions, in that order; then others that the filter names. */
  private threads(): readonly NamedThread[] {
    const { sessions, filter } = this.state;
    const names = new Map<number, string>();
    const add = (tids: Iterable<number>, nameOf: (tid: number) => string): void => {
      for (const tid of tids) {
        if (!names.has(tid)) {
          names.set(tid, nameOf(tid));
        }
      }
    };
    sessions.forEach(({ trace, threadName }) => add(trace.faults.tids, threadName));
    add([...filter.tids, ...filter.hiddenTids], this.state.threadName);
    return [...names].map(([tid, name]) => ({ tid, name }));
  }

  private set(change: Partial<FaultFilter>): void {
    this.state.setFilter(change);
  }

  private onScope(value: string): void {
    this.set({ scope: faultScopes.find((scope) => scope === value) ?? 'all' });
  }

  /** The button that was pressed goes away with what it clears. */
  private clear(): void {
    askFor(this, 'clearFilter');
    this.focus();
  }

  /** Arrow keys go from box to box, Escape closes. */
  private onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.preventDefault();
      this.dispatchEvent(new Event('close'));
      return;
    }
    const boxes = [...this.renderRoot.querySelectorAll<HTMLInputElement>('input[type=checkbox]')];
    const at = boxes.findIndex((box) => box.matches(':focus'));
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: boxes.length - 1 }[event.key];
    if (at !== -1 && to !== undefined) {
      event.preventDefault();
      boxes[Math.max(0, Math.min(boxes.length - 1, to))]?.focus();
    }
  }
}

function toggledIn<Item>(list: readonly Item[], item: Item, isIn: boolean): readonly Item[] {
  const others = list.filter((other) => other !== item);
  return isIn ? [...others, item] : others;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

customElements.define('uffd-filter-menu', FilterMenu);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-filter-menu': FilterMenu;
  }
}
