/** `<uffd-timeline>`: the whole page. Lays out its parts and turns keys and commands into acts. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { keyCommand, type KeyCommand } from '../input/keys.ts';
import { belongsToFocus } from '../input/keyTarget.ts';
import { faultSentence } from '../model/faultWords.ts';
import { type ViewCommand } from '../protocol.ts';
import { type HostSync } from '../state/hostSync.ts';
import { moveSelection } from '../state/moveSelection.ts';
import { type TimelineState } from '../state/timelineState.ts';
import { appStyles } from '../styles/appStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import './emptyPage.ts';
import { FaultDetails } from './faultDetails.ts';
import './keysList.ts';
import { TimelineChart } from './timelineChart.ts';
import { ToolbarEvent } from './timelineToolbar.ts';

const zoomStep = 0.75;
const panStepShare = 0.12;
/** With Shift, steps are this many times as large. */
const largeStep = 4;
/** Screen readers get one sentence at a time. */
const announceMs = 1000;

const viewCommands: Readonly<Record<ViewCommand, KeyCommand>> = {
  fit: 'fitAll',
  toggleFollow: 'toggleFollow',
  focusResolveForm: 'focusResolveForm',
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
  private announceTimer: ReturnType<typeof setTimeout> | undefined;

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
      if (change === 'session') {
        this.requestUpdate();
      }
      if (change === 'selection') {
        this.announceSoon();
      }
      this.reflect();
    });
    document.addEventListener('keydown', (event) => this.onKey(event));
    this.addEventListener(ToolbarEvent.type, (event) => {
      if (event instanceof ToolbarEvent) {
        this.act(event.action, false);
      }
    });
    this.requestUpdate();
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
      faults: String(faults.count),
      held: String(faults.heldCount),
      open: String(faults.open.size),
      selected: String(state.selectedId ?? ''),
      selectedPhase: state.selectedIndex === -1 ? '' : faults.phase(state.selectedIndex),
      following: String(state.isFollowing),
      startNs: String(state.scale.startNs),
      endNs: String(state.scale.endNs),
    });
  }

  override render(): TemplateResult {
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
    return html`
      <uffd-toolbar role="toolbar" aria-label="Timeline" .state=${state} .host=${host}></uffd-toolbar>
      ${state.loadError === null ? nothing : this.banner('error', this.loadErrorText(state.loadError))}
      ${state.view.endText === null ? nothing : this.banner('info', state.view.endText, 'end-banner')}
      ${state.droppedRows === 0 ? nothing : this.banner('info', droppedText(state.droppedRows), 'dropped-rows')}
      <main>
        <uffd-chart .state=${state} .host=${host}></uffd-chart>
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
      <div class="visually-hidden" role="status" data-testid="announcement">${this.announcement}</div>
    `;
  }

  private banner(icon: 'info' | 'error', text: string, testId = 'banner'): TemplateResult {
    return html`<div class="banner ${icon}" role="status" data-testid=${testId}>
      <vscode-icon name=${icon}></vscode-icon><span>${text}</span>
    </div>`;
  }

  private loadErrorText(error: string): string {
    return `The timeline could not load its data: ${error}. Close this panel and open it again with Show Timeline.`;
  }

  private announceSoon(): void {
    this.announceTimer ??= setTimeout(() => {
      this.announceTimer = undefined;
      const { state } = this;
      const i = state?.selectedIndex ?? -1;
      this.announcement =
        state === undefined || i === -1
          ? ''
          : faultSentence(
              state.trace.faults,
              i,
              state.clock.nowNs(),
              state.threadName(state.trace.faults.tid[i]!),
            );
    }, announceMs);
  }

  // ---- keys and commands ---------------------------------------------------------

  private onKey(event: KeyboardEvent): void {
    const command = event.defaultPrevented || belongsToFocus(event) ? undefined : keyCommand(event);
    if (command !== undefined && this.state?.view?.session !== undefined) {
      event.preventDefault();
      this.act(command, event.shiftKey);
    }
  }

  private act(command: KeyCommand, isLargeStep: boolean): void {
    const { state } = this;
    const chart = this.renderRoot.querySelector('uffd-chart');
    if (state === undefined || !(chart instanceof TimelineChart)) {
      return;
    }
    const step = isLargeStep ? largeStep : 1;
    const panNs = panStepShare * step * (state.scale.endNs - state.scale.startNs);
    switch (command) {
      case 'zoomIn':
        state.zoom(zoomStep ** step, chart.zoomCentreNs());
        break;
      case 'zoomOut':
        state.zoom(zoomStep ** -step, chart.zoomCentreNs());
        break;
      case 'panLeft':
        state.pan(-panNs);
        break;
      case 'panRight':
        state.pan(panNs);
        break;
      case 'fitAll':
        state.fitAll();
        break;
      case 'fitSelection':
        state.fitSelection();
        break;
      case 'toggleFollow':
        state.setFollowing(state.isLive && !state.isFollowing);
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
      default:
        moveSelection(state, command);
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

  /** Escape: closes the keys list, else returns to the chart, else clears the selection. */
  private goBack(state: TimelineState, chart: TimelineChart): void {
    if (this.isShowingKeys) {
      this.isShowingKeys = false;
    } else if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement !== chart) {
      chart.focus();
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
