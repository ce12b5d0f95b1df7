/** `<uffd-toolbar>`: what is attached, how many faults are held, and the view's few buttons. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { css, html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { titleWithKey } from '../input/keys.ts';
import { activeParts } from '../model/faultFilter.ts';
import { type LaneBy } from '../model/laneSet.ts';
import { placeOfColour } from '../model/sessionColours.ts';
import { sessionName } from '../model/sessionWords.ts';
import { sessionColourStyles } from '../styles/sessionHeadersStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { type ViewCommand } from '../viewCommands.ts';
import './mapLamp.ts';
import { askFor } from './commandEvent.ts';
import { describeMenu, openMenu } from './contextMenu.ts';
import './filterMenu.ts';
import { type FilterMenu } from './filterMenu.ts';
import { StateElement } from './stateElement.ts';

/** Buttons that do what keys do too. */
type ToolbarAction =
  'toggleFollow' | 'fitTimeline' | 'nextHeld' | 'toggleLedger' | 'toggleStatistics' | 'toggleKeys';

const testIds: Readonly<Record<ToolbarAction, string>> = {
  toggleFollow: 'follow',
  fitTimeline: 'fit',
  nextHeld: 'held-count',
  toggleLedger: 'ledger-button',
  toggleStatistics: 'statistics-button',
  toggleKeys: 'keys-button',
};

/** By how lanes are grouped: the sign of it, and which grouping the button leads to. */
const groupings: Readonly<Record<LaneBy, { readonly icon: string; readonly next: ViewCommand }>> = {
  thread: { icon: 'list-tree', next: 'groupByRange' },
  range: { icon: 'symbol-array', next: 'groupByCode' },
  code: { icon: 'code', next: 'groupByThread' },
};

export class TimelineToolbar extends StateElement {
  static override styles = [
    sharedStyles,
    sessionColourStyles,
    css`
      :host {
        position: relative;
        display: flex;
        align-items: center;
        gap: 4px;
        min-height: 36px;
        padding: 3px 8px 3px 12px;
        border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      }
      .session {
        display: flex;
        align-items: baseline;
        gap: 8px;
        min-width: 0;
        margin-right: auto;
        overflow: hidden;
        white-space: nowrap;
      }
      select {
        max-width: 100%;
        height: 26px;
        padding: 2px 4px;
        font: inherit;
        color: var(--vscode-dropdown-foreground);
        background: var(--vscode-dropdown-background);
        border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent));
        border-radius: 3px;
      }
      select:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: -1px;
      }
      button[aria-pressed='true'] {
        background: var(--vscode-inputOption-activeBackground);
        border-color: var(--vscode-inputOption-activeBorder, transparent);
      }
      .session b {
        font-weight: 600;
      }
      .session span {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      button {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        height: 24px;
        padding: 0 5px;
        font: inherit;
        white-space: nowrap;
        color: inherit;
        background: none;
        border: 1px solid transparent;
        border-radius: 5px;
        cursor: pointer;
      }
      button:hover {
        background: var(--vscode-toolbar-hoverBackground);
        outline: 1px dashed var(--vscode-toolbar-hoverOutline, transparent);
      }
      button:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: -1px;
      }
      button.labelled {
        padding: 0 8px 0 6px;
      }
      .held {
        border-color: var(--vscode-errorForeground);
        border-radius: 12px;
      }
      .held vscode-icon {
        --vscode-icon-foreground: var(--vscode-errorForeground);
      }
      .none {
        padding: 0 8px;
        white-space: nowrap;
      }
      uffd-filter-menu {
        position: absolute;
        top: calc(100% + 2px);
        right: 8px;
        z-index: 4;
        max-width: calc(100% - 16px);
      }
    `,
  ];
  static override properties = { ...StateElement.properties, isFiltering: { state: true } };
  /** Whether the filter's menu shows. */
  declare private isFiltering: boolean;
  protected override readonly ignored = ['otherRows', 'form', 'results'] as const;
  protected override readonly showsAllSessions = true;
  private lastFocused: HTMLButtonElement | undefined;
  /** Whether the filter's menu was opened from its button. */
  private isFromButton = false;

  constructor() {
    super();
    this.isFiltering = false;
    this.addEventListener('keydown', (event) => this.onKey(event));
  }

  override render(): TemplateResult {
    const { state } = this;
    const { heldCount, asleepCount } = state.trace.faults;
    const counts = [
      ...(heldCount > 0 ? [`${heldCount} held`] : []),
      ...(asleepCount > 0 ? [`${asleepCount} asleep`] : []),
    ];
    const session = state.view?.session;
    return html`
      <div class="session" data-testid="session-name">
        ${
          session === undefined
            ? nothing
            : state.sessions.length > 1
              ? this.switcher()
              : html`<b>${session.comm === '' ? `Process ${session.pid}` : session.comm}</b>
                  <span class="muted" title=${session.commandLine}
                    >pid ${session.pid} · fd ${session.uffd.fd}</span
                  >`
        }
      </div>
      <uffd-map-lamp .state=${state} .host=${this.host}></uffd-map-lamp>
      ${
        counts.length === 0
          ? html`<span class="none muted" data-testid="held-count">No held faults</span>`
          : this.button('nextHeld', 'warning', 'Go to the next held or asleep fault (N)', counts.join(' · '))
      }
      ${this.followButton()} ${this.button('fitTimeline', 'screen-full', 'Fit all faults (0)')}
      ${this.filterButton()} ${this.lanesButton()}
      ${this.button('toggleLedger', 'table', 'Ledger of all faults (L)')}
      ${this.button('toggleStatistics', 'graph', 'Latencies and addresses (V)')}
      ${this.button('toggleKeys', 'keyboard', 'Keys and signs (?)')}
      <button
        data-testid="more-button"
        title="Step through slowest, flagged, gaps, marks…"
        aria-label="More: step through faults, gaps and marks"
        aria-haspopup="menu"
        tabindex="-1"
        @click=${this.onMore}
      >
        <vscode-icon name="ellipsis" size="16"></vscode-icon>
      </button>
    `;
  }

  /** The sessions of the window, and the number of the current one in its colour. */
  private switcher(): TemplateResult {
    const { current, sessions } = this.state;
    return html`<span class="number" data-colour=${placeOfColour(current?.view.colour ?? 0)}
        >${current?.id ?? ''}</span
      ><select
        data-testid="session-select"
        aria-label="Session"
        title="Show another session"
        .value=${live(String(current?.id ?? ''))}
        @change=${(event: Event) => this.choose(Number((event.target as HTMLSelectElement).value))}
      >
        ${sessions.map(
          (session) =>
            html`<option value=${session.id} ?selected=${session === current}>
              ${session.id}: ${sessionName(session.view)}${session.isLive ? '' : ' (over)'}
            </option>`,
        )}
      </select>`;
  }

  private choose(id: number): void {
    const session = this.state.sessions.find((candidate) => candidate.id === id);
    if (session !== undefined) {
      this.state.goTo(session);
    }
  }

  private followButton(): TemplateResult | typeof nothing {
    const { isFollowing } = this.state.window;
    if (!this.state.isAnyLive) {
      return nothing;
    }
    return isFollowing
      ? this.button('toggleFollow', 'debug-pause', 'Stop following the live edge (Space)', 'Live')
      : this.button('toggleFollow', 'play', 'Follow the live edge (Space)', 'Follow');
  }

  private lanesButton(): TemplateResult {
    const { laneBy } = this.state;
    const { icon, next } = groupings[laneBy];
    const title = `Lanes by ${laneBy}: ${titleWithKey(next)}`;
    return html`<button
      data-testid="lanes-button"
      title=${title}
      aria-label=${title}
      tabindex="-1"
      @click=${() => askFor(this, next)}
    >
      <vscode-icon name=${icon} size="16"></vscode-icon>
    </button>`;
  }

  // ---- the filter's menu -----------------------------------------------------------

  private filterButton(): TemplateResult {
    const { state, host, isFiltering } = this;
    const isFiltered = activeParts(state.filter).length > 0;
    const title = `${titleWithKey('chooseShown')}${isFiltered ? ': not all are shown' : ''}`;
    return html`<button
        data-testid="filter-button"
        title=${title}
        aria-label=${title}
        aria-haspopup="dialog"
        aria-expanded=${String(isFiltering)}
        tabindex="-1"
        @click=${() => askFor(this, 'chooseShown')}
      >
        <vscode-icon name=${isFiltered ? 'filter-filled' : 'filter'} size="16"></vscode-icon>
      </button>
      ${
        isFiltering
          ? html`<uffd-filter-menu
              .state=${state}
              .host=${host}
              @close=${() => void this.toggleFilterMenu()}
              @focusout=${this.onMenuLeft}
            ></uffd-filter-menu>`
          : nothing
      }`;
  }

  /** Opens the filter's menu and goes to it, or closes it and goes back to where one came from. */
  async toggleFilterMenu(): Promise<void> {
    const button = this.filterMenuButton();
    if (this.isFiltering) {
      this.isFiltering = false;
      if (this.isFromButton) {
        button?.focus();
      } else {
        this.leaveToChart();
      }
      return;
    }
    this.isFromButton = button?.matches(':focus') === true;
    this.isFiltering = true;
    await this.updateComplete;
    const menu = this.renderRoot.querySelector<FilterMenu>('uffd-filter-menu');
    await menu?.updateComplete;
    menu?.focus();
  }

  /** The focus is elsewhere now: the menu closes, but for a press of its button, which does that itself. */
  private readonly onMenuLeft = (event: FocusEvent): void => {
    if (event.relatedTarget !== this.filterMenuButton() && document.hasFocus()) {
      this.isFiltering = false;
    }
  };

  private filterMenuButton(): HTMLButtonElement | null {
    return this.renderRoot.querySelector('[data-testid=filter-button]');
  }

  private button(action: ToolbarAction, icon: string, title: string, label?: string): TemplateResult {
    return html`<button
      class="${action === 'nextHeld' ? 'held' : ''} ${label === undefined ? '' : 'labelled'}"
      data-testid=${testIds[action]}
      title=${title}
      aria-pressed=${this.isPressed(action) ?? nothing}
      aria-label=${label === undefined ? title : `${label}: ${title}`}
      tabindex="-1"
      @click=${() => askFor(this, action)}
    >
      <vscode-icon name=${icon} size=${label === undefined ? 16 : 14}></vscode-icon>${label ?? nothing}
    </button>`;
  }

  /** Of a button that shows and hides something: whether it is shown. */
  private isPressed(action: ToolbarAction): string | undefined {
    const { ledger, isShowingStatistics } = this.state;
    return { toggleLedger: String(ledger.isShown), toggleStatistics: String(isShowingStatistics) }[
      action as string
    ];
  }

  // ---- one tab stop: the arrow keys move within ------------------------------------

  override updated(): void {
    const buttons = this.buttons();
    const current = buttons.find((button) => button === this.lastFocused) ?? buttons[0];
    for (const button of buttons) {
      button.tabIndex = button === current ? 0 : -1;
    }
  }

  private buttons(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll('button')];
  }

  private onKey(event: KeyboardEvent): void {
    const buttons = this.buttons();
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at !== -1 && to !== undefined) {
      event.preventDefault();
      this.lastFocused = buttons.at(to % buttons.length);
      this.lastFocused?.focus();
      this.requestUpdate();
    }
  }

  /** VS Code's own menu, under the button. */
  private readonly onMore = (event: Event): void => {
    const root = document.querySelector<HTMLElement>('uffd-timeline');
    if (root !== null && event.currentTarget instanceof HTMLElement) {
      const { left, bottom } = event.currentTarget.getBoundingClientRect();
      this.addEventListener('contextmenu', () => describeMenu(root, this.state, 'more'), { once: true });
      openMenu(this, left, bottom);
    }
  };
}

customElements.define('uffd-toolbar', TimelineToolbar);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-toolbar': TimelineToolbar;
  }
}
