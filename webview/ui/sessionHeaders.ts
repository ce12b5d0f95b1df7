/** `<uffd-session-headers>`: over the lanes of each session a band with its number, name and state. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { placeOfColour } from '../model/sessionColours.ts';
import { sessionName, sessionStateWords } from '../model/sessionWords.ts';
import { axisPx, type ChartFrame } from '../render/chartFrame.ts';
import { type SessionTimeline } from '../state/sessionTimeline.ts';
import { sessionHeadersStyles } from '../styles/sessionHeadersStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { StateElement } from './stateElement.ts';

export class SessionHeaders extends StateElement {
  static override styles = [sharedStyles, sessionHeadersStyles];
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
  private tops: readonly number[] = [];

  constructor() {
    super();
    // What is pressed here is no drag of the chart below.
    this.addEventListener('pointerdown', (event) => event.stopPropagation());
    this.addEventListener('dblclick', (event) => event.stopPropagation());
  }

  /** Puts each header over its lanes; called with each frame that is painted. */
  place(frame: ChartFrame): void {
    this.tops = frame.sessions.map(({ topPx }) => topPx - axisPx);
    this.updated();
  }

  override updated(): void {
    this.renderRoot.querySelectorAll<HTMLElement>('.header').forEach((header, n) => {
      const topPx = this.tops[n];
      header.hidden = topPx === undefined;
      header.style.top = `${topPx ?? 0}px`;
    });
  }

  override render(): TemplateResult {
    const { sessions } = this.state;
    return sessions.length < 2
      ? html``
      : html`${repeat(
          sessions,
          ({ key }) => key,
          (session) => this.header(session),
        )}`;
  }

  private header(session: SessionTimeline): TemplateResult {
    const { id, isCollapsed, isLive, view } = session;
    const { heldCount, asleepCount } = session.trace.faults;
    const isCurrent = session === this.state.current;
    const name = `Session ${id}: ${sessionName(view)}`;
    const leave = isLive ? 'Detach' : 'Close';
    return html`<div
      class="header"
      role="group"
      aria-label=${name}
      aria-current=${isCurrent ? 'true' : 'false'}
      data-testid="session-header"
      data-session=${id}
      data-colour=${placeOfColour(view.colour)}
    >
      <button
        class="icon"
        tabindex="-1"
        data-testid="collapse"
        title=${isCollapsed ? 'Show the lanes (C)' : 'Show only this header (C)'}
        aria-label=${isCollapsed ? `Show the lanes of session ${id}` : `Hide the lanes of session ${id}`}
        aria-expanded=${isCollapsed ? 'false' : 'true'}
        @click=${() => this.act(() => this.state.setCollapsed(session, !isCollapsed))}
      >
        <vscode-icon name=${isCollapsed ? 'chevron-right' : 'chevron-down'}></vscode-icon>
      </button>
      <button
        class="name"
        tabindex="-1"
        data-testid="show-session"
        title="Show this session (Page Up, Page Down)"
        @click=${() => this.act(() => this.state.show(session))}
      >
        <span class="number">${id}</span>
        <b>${view.session.comm === '' ? `Process ${view.session.pid}` : view.session.comm}</b>
        <span class="muted"
          >pid ${view.session.pid === 0 ? '?' : view.session.pid} · fd ${view.session.uffd.fd}</span
        >
        ${view.session.isCustody ? html`<span class="tag">forked child</span>` : nothing}
        <span class="state">
          ${heldCount > 0 ? html`<vscode-icon class="held" name="warning" size="14"></vscode-icon>` : nothing}
          ${sessionStateWords(isLive, heldCount, asleepCount)}
        </span>
      </button>
      <button
        class="icon"
        tabindex="-1"
        data-testid="leave"
        title=${`${leave} session ${id}`}
        aria-label=${`${leave} session ${id}`}
        @click=${() => this.act(() => this.host.askLeave(id))}
      >
        <vscode-icon name=${isLive ? 'debug-disconnect' : 'close'}></vscode-icon>
      </button>
    </div>`;
  }

  /** Does what a button says; the keys stay with the chart. */
  private act(act: () => void): void {
    act();
    this.leaveToChart();
  }
}

customElements.define('uffd-session-headers', SessionHeaders);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-session-headers': SessionHeaders;
  }
}
