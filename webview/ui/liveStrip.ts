/** `<uffd-strip>`: the live strip's page, in the bottom panel or wherever it was dragged to. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, LitElement, type TemplateResult } from 'lit';
import { type MessageConnection } from 'vscode-jsonrpc/browser';
import { formatDuration } from '../model/duration.ts';
import { CanvasLayer } from '../render/canvasLayer.ts';
import { FrameScheduler } from '../render/frameScheduler.ts';
import { readPalette, watchTheme } from '../render/palette.ts';
import { paintSparkline } from '../render/sparklinePainter.ts';
import {
  StripAttachNotification,
  StripDemoNotification,
  StripDidChangeNotification,
  type StripDto,
  type StripFaultDto,
  StripFollowNotification,
  StripPauseNotification,
  StripRecordingNotification,
  StripShowNotification,
} from '../stripProtocol.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { stripStyles } from '../styles/stripStyles.ts';

export class LiveStripPage extends LitElement {
  static override styles = [sharedStyles, stripStyles];
  static override properties = {
    strip: { state: true },
    isFollowing: { state: true },
    standing: { state: true },
  };
  /** Undefined until the host has spoken. */
  declare private strip: StripDto | null | undefined;
  declare private isFollowing: boolean;
  /** The last faults as they were when the keyboard came to their list, which stands still until it leaves. */
  declare private standing: StripDto | null;
  /** Place in the list that Tab goes to. */
  private place = 0;
  private host: MessageConnection | undefined;
  private canvas: CanvasLayer | undefined;
  private readonly scheduler = new FrameScheduler({ sparkline: () => this.paint() });

  constructor() {
    super();
    this.isFollowing = true;
    this.standing = null;
  }

  /** Gives the page its host; nothing is shown before. */
  start(host: MessageConnection): void {
    this.host = host;
    host.onNotification(StripDidChangeNotification, ({ strip }) => {
      this.strip = strip;
    });
    host.listen();
    watchTheme(() => this.scheduler.request('sparkline'));
    void host.sendNotification(StripFollowNotification);
  }

  override render(): TemplateResult {
    const { strip } = this;
    return strip === undefined ? html`` : strip === null ? this.welcome() : this.live(strip);
  }

  override updated(): void {
    this.dataset['session'] = !this.strip ? 'none' : this.strip.isLive ? 'live' : 'ended';
    const canvas = this.renderRoot.querySelector('canvas');
    if (canvas === null) {
      this.canvas?.dispose();
      this.canvas = undefined;
    } else {
      this.canvas ??= new CanvasLayer(canvas, true, () => this.scheduler.request('sparkline'));
    }
    this.scheduler.request('sparkline');
  }

  private welcome(): TemplateResult {
    return html`<div class="welcome" data-testid="strip-welcome">
      <p>Nothing is attached. Faults of the session that is attached show here as they come.</p>
      <div class="buttons">
        <button data-testid="strip-attach" @click=${() => this.tell(StripAttachNotification)}>
          Attach to Process…
        </button>
        <button class="secondary" data-testid="strip-demo" @click=${() => this.tell(StripDemoNotification)}>
          Start Demo Target
        </button>
        <button
          class="secondary"
          data-testid="strip-recording"
          @click=${() => this.tell(StripRecordingNotification)}
        >
          Open Recording…
        </button>
      </div>
    </div>`;
  }

  private tell(type: typeof StripAttachNotification): void {
    void this.host?.sendNotification(type);
  }

  private live(strip: StripDto): TemplateResult {
    const { isFollowing } = this;
    const { last } = this.standing?.sessionId === strip.sessionId ? this.standing : strip;
    return html`<div class="strip">
      <header>
        <button
          class="icon"
          data-testid="strip-follow"
          aria-pressed=${String(isFollowing)}
          title=${isFollowing ? 'Pause' : 'Follow'}
          aria-label=${isFollowing ? 'Pause' : 'Follow'}
          ?hidden=${!strip.isLive}
          @click=${this.onFollow}
        >
          <vscode-icon name=${isFollowing ? 'debug-pause' : 'play'}></vscode-icon>
        </button>
        <b>${strip.title}</b>
        <span class="counts" data-testid="strip-counts">${countsInWords(strip)}</span>
        <button class="link" data-testid="strip-timeline" @click=${() => this.show(strip.sessionId, null)}>
          Show timeline
        </button>
      </header>
      <div class="sparkline">
        <canvas role="img" aria-label=${latenciesInWords(strip)} data-testid="strip-sparkline"></canvas>
      </div>
      <div class="last">
        <h3 id="last">Last faults</h3>
        ${
          last.length === 0
            ? html`<p class="muted">None has ended yet.</p>`
            : html`<ul
                aria-labelledby="last"
                data-testid="strip-faults"
                @keydown=${this.onListKey}
                @focusin=${this.onListEntered}
                @focusout=${this.onListLeft}
              >
                ${last.map((fault, n) => this.fault(strip.sessionId, fault, n === this.place))}
              </ul>`
        }
      </div>
    </div>`;
  }

  private fault(sessionId: number, fault: StripFaultDto, isTabStop: boolean): TemplateResult {
    return html`<li>
      <button
        tabindex=${isTabStop ? 0 : -1}
        title="Show in the timeline"
        data-fault=${fault.faultId}
        @click=${() => this.show(sessionId, fault.faultId)}
      >
        <span class="number">${fault.faultId}</span><span>${fault.thread}</span
        ><span class="code">${fault.address}</span
        ><span class="latency">${formatDuration(fault.latencyNs)}</span>
      </button>
    </li>`;
  }

  private show(sessionId: number, faultId: number | null): void {
    void this.host?.sendNotification(StripShowNotification, { sessionId, faultId });
  }

  private readonly onFollow = (): void => {
    this.isFollowing = !this.isFollowing;
    void this.host?.sendNotification(this.isFollowing ? StripFollowNotification : StripPauseNotification);
  };

  /** The list is one tab stop. */
  private readonly onListKey = (event: KeyboardEvent): void => {
    const buttons = [...this.renderRoot.querySelectorAll<HTMLButtonElement>('li > button')];
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.place = Math.max(0, Math.min(buttons.length - 1, to));
      buttons[this.place]?.focus();
      this.requestUpdate();
    }
  };

  /** What is chosen by keyboard must not become another fault meanwhile. */
  private readonly onListEntered = (event: FocusEvent): void => {
    if (event.target instanceof Element && event.target.matches(':focus-visible')) {
      this.standing ??= this.strip ?? null;
    }
  };

  private readonly onListLeft = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    const isInList = currentTarget instanceof Node && currentTarget.contains(relatedTarget as Node | null);
    if (!isInList) {
      this.standing = null;
      this.place = 0;
    }
  };

  private paint(): void {
    const { canvas, strip } = this;
    if (canvas !== undefined && canvas.widthPx > 0 && strip) {
      paintSparkline(canvas.context, readPalette(this), canvas, strip.buckets);
    }
  }
}

function countsInWords({ isLive, perSecond, open, held }: StripDto): string {
  return isLive ? `${perSecond} faults/s · ${open} open · ${held} held` : 'This session is over.';
}

/** The sparkline for those who do not see it. */
function latenciesInWords({ buckets }: StripDto): string {
  const known = buckets.filter(({ maxNs }) => maxNs !== null);
  if (known.length === 0) {
    return 'Latency of the last minute: no fault ended.';
  }
  const latest = known.at(-1)!;
  const maxNs = Math.max(...known.map((bucket) => bucket.maxNs ?? 0));
  return (
    `Latency of the last minute: lately half within ${formatDuration(latest.p50Ns ?? 0)}, ` +
    `95 % within ${formatDuration(latest.p95Ns ?? 0)}; the longest took ${formatDuration(maxNs)}.`
  );
}

customElements.define('uffd-strip', LiveStripPage);
