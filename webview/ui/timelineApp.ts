/** `<uffd-timeline>`: the whole page. Lays out its parts and turns keys and commands into acts. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { keyCommand, type KeyCommand } from '../input/keys.ts';
import { belongsToFocus } from '../input/keyTarget.ts';
import { everyFault } from '../model/faultFilter.ts';
import { pageOf } from '../model/faultRange.ts';
import { type ViewCommand } from '../protocol.ts';
import { type HostSync } from '../state/hostSync.ts';
import { moveSelection } from '../state/moveSelection.ts';
import { type TimelineState } from '../state/timelineState.ts';
import { appStyles } from '../styles/appStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import './emptyPage.ts';
import './filterChips.ts';
import { FaultDetails } from './faultDetails.ts';
import './historyProgress.ts';
import './keysList.ts';
import './ledgerSplitter.ts';
import { type LedgerTable } from './ledgerTable.ts';
import './ledgerTable.ts';
import { PageAnnouncements } from './pageAnnouncements.ts';
import { type StatisticsPane } from './statisticsPane.ts';
import './statisticsPane.ts';
import { leaveEventType } from './stateElement.ts';
import { TimelineChart } from './timelineChart.ts';
import { ToolbarEvent } from './timelineToolbar.ts';

const zoomStep = 0.75;
const panStepShare = 0.12;
/** With Shift, steps are this many times as large. */
const largeStep = 4;

const viewCommands: Readonly<Record<ViewCommand, KeyCommand>> = {
  fit: 'fitAll',
  toggleFollow: 'toggleFollow',
  focusResolveForm: 'focusResolveForm',
  toggleLedger: 'toggleLedger',
};

export class TimelineApp extends LitElement {
  static override styles = [sharedStyles, appStyles];
  static override properties = {
    isShowingKeys: { state: true },
    announcement: { state: true },
  };
  declare private isShowingKeys: boolean;
  declare private announcement: string;
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
  }

  /** Gives the page its data; nothing is shown before. */
  start(state: TimelineState, host: HostSync): void {
    this.state = state;
    this.host = host;
    state.subscribe((change) => {
      if (change === 'session' || change === 'ledger' || change === 'statistics') {
        this.requestUpdate();
      }
      this.announcements.stateChanged(state, change);
      this.reflect();
    });
    document.addEventListener('keydown', (event) => this.onKey(event));
    this.addEventListener(ToolbarEvent.type, (event) => {
      if (event instanceof ToolbarEvent) {
        this.act(event.action, false);
      }
    });
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
    void chart.updateComplete.then(() => {
      if (document.hasFocus() && document.activeElement === document.body) {
        chart.focus();
      }
    });
  }

  /** Does a command of the palette or the editor title. */
  do(command: ViewCommand): void {
    this.act(viewCommands[command], false);
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
      <uffd-toolbar role="toolbar" aria-label="Timeline" .state=${state} .host=${host}></uffd-toolbar>
      ${state.loadError === null ? nothing : this.banner('error', this.loadErrorText(state.loadError))}
      ${state.view.endText === null ? nothing : this.banner('info', state.view.endText, 'end-banner')}
      ${droppedRows === 0 ? nothing : this.banner('info', droppedText(droppedRows), 'dropped-rows')}
      <uffd-history-progress .state=${state} .host=${host}></uffd-history-progress>
      <main>
        <div class="faults">
          <uffd-filter-chips .state=${state} .host=${host}></uffd-filter-chips>
          <uffd-chart .state=${state} .host=${host}></uffd-chart>
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
                @close=${() => this.act('toggleKeys', false)}
              ></uffd-keys-list>`
            : nothing
        }
      </main>
    `;
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
      this.act(command, event.shiftKey);
    }
  }

  private act(command: KeyCommand, isShifted: boolean): void {
    const { state } = this;
    const chart = this.renderRoot.querySelector('uffd-chart');
    if (state === undefined || !(chart instanceof TimelineChart)) {
      return;
    }
    const step = isShifted ? largeStep : 1;
    const panNs = panStepShare * step * (state.window.scale.endNs - state.window.scale.startNs);
    switch (command) {
      case 'zoomIn':
        state.window.zoom(zoomStep ** step, chart.zoomCentreNs());
        break;
      case 'zoomOut':
        state.window.zoom(zoomStep ** -step, chart.zoomCentreNs());
        break;
      case 'panLeft':
        state.window.pan(-panNs);
        break;
      case 'panRight':
        state.window.pan(panNs);
        break;
      case 'fitAll':
        state.fitAll();
        break;
      case 'fitSelection':
        state.fitSelection();
        break;
      case 'toggleFollow':
        state.window.setFollowing(state.isAnyLive && !state.window.isFollowing);
        break;
      case 'selectAllHeld':
        state.selectAllHeld();
        break;
      case 'selectHeldInRange':
        selectHeldAround(state);
        break;
      case 'nextEvent':
        this.goToEvent(state, chart, 1);
        break;
      case 'previousEvent':
        this.goToEvent(state, chart, -1);
        break;
      case 'toggleLedger':
        void this.toggleLedger(state, chart);
        break;
      case 'filterLedger':
        state.setLedger({ isShown: true });
        void this.ledger().then((ledger) => ledger?.focusFilter());
        break;
      case 'toggleStatistics':
        void this.toggleStatistics(state, chart);
        break;
      case 'clearFilter':
        state.setFilter(everyFault);
        break;
      case 'nextSession':
        state.goToNeighbour(1);
        break;
      case 'previousSession':
        state.goToNeighbour(-1);
        break;
      case 'toggleSession':
        if (state.current !== null && state.sessions.length > 1) {
          state.setCollapsed(state.current, !state.current.isCollapsed);
        }
        break;
      case 'focusResolveForm':
        this.focusResolveForm(state);
        break;
      case 'back':
        this.goBack(state, chart);
        break;
      case 'toggleKeys':
        this.isShowingKeys = !this.isShowingKeys;
        break;
      case 'nextHeld':
      case 'previousHeld':
        moveSelection(state, command);
        break;
      default:
        // With Shift, moving extends the selection.
        moveSelection(state, command, isShifted);
    }
  }

  /** Shows the statistics and goes to them, or hides them. */
  private async toggleStatistics(state: TimelineState, chart: TimelineChart): Promise<void> {
    state.setStatisticsShown(!state.isShowingStatistics);
    await this.updateComplete;
    const pane = this.renderRoot.querySelector<StatisticsPane>('uffd-statistics');
    await pane?.updateComplete;
    (pane ?? chart).focus();
  }

  /** Shows the ledger and goes to it, or hides it. */
  private async toggleLedger(state: TimelineState, chart: TimelineChart): Promise<void> {
    state.setLedger({ isShown: !state.ledger.isShown });
    const ledger = await this.ledger();
    if (ledger === null) {
      chart.focus();
    } else {
      ledger.focus();
    }
  }

  /** The ledger, once it is there; null while it is hidden. */
  private async ledger(): Promise<LedgerTable | null> {
    await this.updateComplete;
    const ledger = this.renderRoot.querySelector('uffd-ledger');
    await ledger?.updateComplete;
    return ledger;
  }

  private goToEvent(state: TimelineState, chart: TimelineChart, direction: 1 | -1): void {
    const n = chart.goToEvent(direction);
    if (n !== -1) {
      this.announcements.sayEvent(state.trace.events.event(n));
    }
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

  /** Escape: closes the keys list, else returns to the chart, else goes back to one selected fault, then to none. */
  private goBack(state: TimelineState, chart: TimelineChart): void {
    if (this.isShowingKeys) {
      this.isShowingKeys = false;
    } else if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement !== chart) {
      chart.focus();
    } else if (!chart.leaveEvent()) {
      state.select(state.selectedIds.length > 1 ? state.selectedId : null);
    }
  }
}

/** Selects the held faults of the range that the selected fault lies in. */
function selectHeldAround(state: TimelineState): void {
  const { faults } = state.trace;
  const i = state.selectedIndex;
  const page = i === -1 ? undefined : pageOf(state.view?.session.ranges ?? [], faults.address(i));
  if (page !== undefined) {
    state.selectHeldInRange(page.range);
  }
}

function droppedText(rows: number): string {
  return rows === 1
    ? 'The oldest row of the event log is no longer kept.'
    : `The oldest ${rows} rows of the event log are no longer kept.`;
}

customElements.define('uffd-timeline', TimelineApp);
