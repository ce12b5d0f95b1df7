/** `<uffd-timeline>`: the whole page. Lays out its parts and turns keys and commands into acts. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { keyCommand, type WheelMode } from '../input/keys.ts';
import { belongsToFocus } from '../input/keyTarget.ts';
import { type HostSync } from '../state/hostSync.ts';
import { moveSelection } from '../state/moveSelection.ts';
import { type TimelineState } from '../state/timelineState.ts';
import { appStyles } from '../styles/appStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import './emptyPage.ts';
import './filterChips.ts';
import './findWidget.ts';
import { FaultDetails } from './faultDetails.ts';
import './historyProgress.ts';
import './keysList.ts';
import './ledgerSplitter.ts';
import { type LedgerTable } from './ledgerTable.ts';
import './ledgerTable.ts';
import { PageAnnouncements } from './pageAnnouncements.ts';
import { type StatisticsPane } from './statisticsPane.ts';
import './statisticsPane.ts';
import { watchTheme } from '../render/palette.ts';
import { type LaneDto } from '../protocol.ts';
import { type ViewCommand } from '../viewCommands.ts';
import { CommandEvent } from './commandEvent.ts';
import { describeMenu } from './contextMenu.ts';
import { copiedFaults, copiedStatistics } from './copiedText.ts';
import { pageActs } from './pageActs.ts';
import { leaveEventType } from './stateElement.ts';
import { TimelineChart } from './timelineChart.ts';
import './timelineToolbar.ts';

/** How long a sentence about a command is shown. */
const toldMs = 4000;

export class TimelineApp extends LitElement {
  static override styles = [sharedStyles, appStyles];
  static override properties = {
    isShowingKeys: { state: true },
    announcement: { state: true },
    told: { state: true },
  };
  declare private isShowingKeys: boolean;
  declare private announcement: string;
  /** What the last command has to say; empty after a while. */
  declare private told: string;
  private toldTimer: ReturnType<typeof setTimeout> | undefined;
  private copy: (text: string) => void = () => undefined;
  private acts: { readonly chart: TimelineChart; readonly acts: ReturnType<typeof pageActs> } | undefined;
  private state: TimelineState | undefined;
  private host: HostSync | undefined;
  private readonly announcements = new PageAnnouncements((text) => {
    this.announcement = text;
  });
  private hasShownChart = false;

  constructor() {
    super();
    this.isShowingKeys = false;
    this.announcement = '';
    this.told = '';
  }

  /**
   * Gives the page its data; nothing is shown before.
   * @param copy puts text onto the clipboard
   */
  start(state: TimelineState, host: HostSync, copy: (text: string) => void): void {
    this.state = state;
    this.host = host;
    this.copy = copy;
    this.followMotion(state);
    watchTheme(() => this.followMotion(state));
    state.subscribe((change) => {
      if (change === 'session' || change === 'ledger' || change === 'statistics') {
        this.requestUpdate();
      }
      this.announcements.stateChanged(state, change);
      this.reflect();
    });
    document.addEventListener('keydown', (event) => this.onKey(event));
    this.addEventListener(CommandEvent.type, (event) => {
      if (event instanceof CommandEvent) {
        this.act(event.command);
      }
    });
    // The chart and the toolbar say what their menus are about; VS Code asks after all of them.
    this.addEventListener('contextmenu', () => describeMenu(this, state, null), { capture: true });
    document.addEventListener('copy', (event) => this.onCopy(event, state));
    this.addEventListener(leaveEventType, () => this.renderRoot.querySelector('uffd-chart')?.focus());
    this.requestUpdate();
  }

  /** The first chart takes the focus, if nothing else has it: its keys work from the start. */
  override updated(): void {
    const ledger = this.renderRoot.querySelector('uffd-ledger');
    if (ledger !== null) {
      ledger.style.height = `${this.state?.ledger.heightPx ?? 0}px`;
    }
    const chart = this.renderRoot.querySelector('uffd-chart');
    if (chart === null || this.hasShownChart) {
      return;
    }
    this.hasShownChart = true;
    const takeFocus = (): void => {
      if (document.hasFocus() && document.activeElement === document.body) {
        chart.focus();
      }
    };
    // Not before the first frame: to give the focus, the browser would lay the page out for that alone.
    requestAnimationFrame(() => requestAnimationFrame(takeFocus));
  }

  /**
   * Does a command of the palette, the editor title or a menu.
   * @param lane what the menu was about, where that is no fault
   */
  do(command: ViewCommand, lane?: LaneDto): void {
    this.act(command, lane);
  }

  private followMotion(state: TimelineState): void {
    state.window.followsInSteps = document.body.classList.contains('vscode-reduce-motion');
  }

  /** Ctrl+C copies what is selected in the chart, unless text is. */
  private onCopy(event: ClipboardEvent, state: TimelineState): void {
    const chart = this.renderRoot.querySelector('uffd-chart');
    const isInChart = this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement === chart;
    const text = copiedFaults(state, 'text') ?? copiedStatistics(chart?.timeMarks.counted ?? null);
    if (isInChart && text !== null && document.getSelection()?.isCollapsed !== false) {
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
      this.tell('Copied.');
    }
  }

  /** Facts as attributes, for tests and for style sheets. */
  private reflect(): void {
    const { state } = this;
    if (state === undefined) {
      return;
    }
    const { faults } = state.trace;
    Object.assign(this.dataset, {
      session:
        state.view === undefined ? 'loading' : state.view === null ? 'none' : state.isLive ? 'live' : 'ended',
      sessions: String(state.sessions.length),
      current: String(state.current?.id ?? ''),
      collapsed: state.sessions
        .filter(({ isCollapsed }) => isCollapsed)
        .map(({ id }) => id)
        .join(' '),
      faults: String(faults.count),
      lanes: String(state.trace.lanes.list.length),
      held: String(faults.heldCount),
      open: String(faults.open.size),
      selected: String(state.selectedId ?? ''),
      selectedCount: String(state.selectedIds.length),
      selectedPhase: state.selectedIndex === -1 ? '' : faults.phase(state.selectedIndex),
      following: String(state.window.isFollowing),
      timeSelection:
        state.marks.selection === null
          ? ''
          : `${state.marks.selection.startNs} ${state.marks.selection.endNs}`,
      marks: state.marks.list.map(({ name }) => name ?? '').join('|'),
      newFaults: String(state.newFaultCount),
      startNs: String(state.window.scale.startNs),
      endNs: String(state.window.scale.endNs),
    });
  }

  /** The live region stays whatever is shown: one that comes with its text is not read out. */
  override render(): TemplateResult {
    return html`${this.content()}
      <div class="visually-hidden" role="status" data-testid="announcement">${this.announcement}</div>`;
  }

  private content(): TemplateResult {
    const { state, host } = this;
    if (state === undefined || host === undefined) {
      return html``;
    }
    if (state.view === undefined) {
      return state.loadError === null ? html`` : this.banner('error', this.loadErrorText(state.loadError));
    }
    if (state.view === null) {
      return html`<uffd-empty-page .state=${state} .host=${host}></uffd-empty-page>`;
    }
    const droppedRows = state.current?.droppedRows ?? 0;
    return html`
      <header>
        <h1 class="visually-hidden">Userfaultfd timeline</h1>
        <uffd-toolbar role="toolbar" aria-label="Timeline" .state=${state} .host=${host}></uffd-toolbar>
        ${state.loadError === null ? nothing : this.banner('error', this.loadErrorText(state.loadError))}
        ${state.view.endText === null ? nothing : this.banner('info', state.view.endText, 'end-banner')}
        ${droppedRows === 0 ? nothing : this.banner('info', droppedText(droppedRows), 'dropped-rows')}
      </header>
      <uffd-history-progress .state=${state} .host=${host}></uffd-history-progress>
      <main>
        <div class="faults">
          <uffd-filter-chips .state=${state} .host=${host}></uffd-filter-chips>
          <uffd-find .state=${state} .host=${host}></uffd-find>
          <div class="over">
            <uffd-chart .wheel=${this.wheel} .state=${state} .host=${host}></uffd-chart>
            <div class="told" data-testid="told" aria-hidden="true" ?hidden=${this.told === ''}>
              ${this.told}
            </div>
          </div>
          ${
            state.isShowingStatistics
              ? html`<uffd-statistics .state=${state} .host=${host}></uffd-statistics>`
              : nothing
          }
          ${
            state.ledger.isShown
              ? html`<uffd-ledger-splitter .state=${state} .host=${host}></uffd-ledger-splitter>
                  <uffd-ledger .state=${state} .host=${host}></uffd-ledger>`
              : nothing
          }
        </div>
        <uffd-fault-details
          data-testid="details"
          role="region"
          aria-label="Details"
          .state=${state}
          .host=${host}
        ></uffd-fault-details>
        ${
          this.isShowingKeys
            ? html`<uffd-keys-list
                data-testid="keys"
                .wheel=${this.wheel}
                @close=${() => this.act('toggleKeys')}
              ></uffd-keys-list>`
            : nothing
        }
      </main>
    `;
  }

  /** The setting, which the host writes into the page. */
  private get wheel(): WheelMode {
    return this.dataset['wheel'] === 'classic' ? 'classic' : 'modern';
  }

  private banner(icon: 'info' | 'error', text: string, testId = 'banner'): TemplateResult {
    return html`<div
      class="banner ${icon}"
      role=${icon === 'error' ? 'alert' : nothing}
      data-testid=${testId}
    >
      <vscode-icon name=${icon}></vscode-icon><span>${text}</span>
    </div>`;
  }

  private loadErrorText(error: string): string {
    return `The timeline could not load its data: ${error}. Close this panel and open it again with Show Timeline.`;
  }

  // ---- keys and commands ---------------------------------------------------------

  private onKey(event: KeyboardEvent): void {
    const command = event.defaultPrevented || belongsToFocus(event) ? undefined : keyCommand(event);
    if (command !== undefined && this.state?.view?.session !== undefined) {
      event.preventDefault();
      this.act(command);
    }
  }

  private act(command: ViewCommand, lane?: LaneDto): void {
    const { state, renderRoot } = this;
    const chart = renderRoot.querySelector('uffd-chart');
    if (state === undefined || !(chart instanceof TimelineChart)) {
      return;
    }
    if (this.acts?.chart !== chart) {
      const acts = pageActs({
        state,
        chart,
        ledger: () => this.ledger(),
        find: () => this.renderRoot.querySelector('uffd-find'),
        toggleFilterMenu: () => void this.renderRoot.querySelector('uffd-toolbar')?.toggleFilterMenu(),
        toggleStatistics: () => void this.toggleStatistics(state, chart),
        focusResolveForm: () => this.focusResolveForm(state),
        toggleKeys: () => {
          this.isShowingKeys = !this.isShowingKeys;
        },
        goBack: () => this.goBack(state, chart),
        tell: (text) => this.tell(text),
        copy: (text) => this.copy(text),
      });
      this.acts = { chart, acts };
    }
    this.acts.acts[command](lane);
  }

  /** Shows the statistics and goes to them, or hides them. */
  private async toggleStatistics(state: TimelineState, chart: TimelineChart): Promise<void> {
    state.setStatisticsShown(!state.isShowingStatistics);
    await this.updateComplete;
    const pane = this.renderRoot.querySelector<StatisticsPane>('uffd-statistics');
    await pane?.updateComplete;
    (pane ?? chart).focus();
  }

  /** Shows a sentence for a while, and says it. */
  private tell(text: string): void {
    this.announcements.say(text);
    this.told = text;
    clearTimeout(this.toldTimer);
    this.toldTimer = setTimeout(() => {
      this.told = '';
    }, toldMs);
  }

  /** The ledger, once it is there; null while it is hidden. */
  private async ledger(): Promise<LedgerTable | null> {
    await this.updateComplete;
    const ledger = this.renderRoot.querySelector('uffd-ledger');
    await ledger?.updateComplete;
    return ledger;
  }

  /** Goes to the form, of a held fault when none is selected. */
  private focusResolveForm(state: TimelineState): void {
    if (state.selectedIndex === -1) {
      moveSelection(state, 'nextHeld');
    }
    const details = this.renderRoot.querySelector('uffd-fault-details');
    if (details instanceof FaultDetails) {
      void details.focusForm();
    }
  }

  /**
   * Escape: closes the keys list, gives up a drag, unpins the tooltip, closes the find widget, returns to the
   * chart; then goes back to one selected fault, then to no selected time, then to no fault.
   */
  private goBack(state: TimelineState, chart: TimelineChart): void {
    if (this.isShowingKeys) {
      this.isShowingKeys = false;
    } else if (chart.giveUp() || chart.unpin()) {
      return;
    } else if (state.search.isShown) {
      state.setSearch({ isShown: false });
      chart.focus();
    } else if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement !== chart) {
      chart.focus();
    } else if (chart.leaveEvent()) {
      return;
    } else if (state.selectedIds.length > 1) {
      state.select(state.selectedId);
    } else if (state.marks.selection !== null) {
      state.marks.select(null);
    } else {
      state.select(null);
    }
  }
}

function droppedText(rows: number): string {
  return rows === 1
    ? 'The oldest row of the event log is no longer kept.'
    : `The oldest ${rows} rows of the event log are no longer kept.`;
}

customElements.define('uffd-timeline', TimelineApp);
