/**
 * Keeps the page's state and the host's in step. The host is the source of truth: the page
 * asks for everything when it loads and whenever it is shown again, and takes rows as they come.
 */
import type { MessageConnection } from 'vscode-jsonrpc/browser';
import { type IoctlResultDto } from '../../native-helper/protocol.ts';
import {
  AttachAskedNotification,
  DemoAskedNotification,
  HydrateRequest,
  PageResolveRequest,
  PageWakeRequest,
  RowsDidAppendNotification,
  type RowsDidAppendParams,
  SelectionDidChangeNotification,
  SessionDidChangeNotification,
  type SessionViewDto,
  type ViewCommand,
  ViewCommandNotification,
} from '../protocol.ts';
import { type ResolvePlan } from '../model/resolveInput.ts';
import { type TimelineState } from './timelineState.ts';

/** Rows appended after which the page starts anew from the host's bounded history. */
const rowsBeforeRenewal = 1_000_000;

export class HostSync {
  private readonly state: TimelineState;
  private readonly host: MessageConnection;
  private isHydrating = false;
  private hydrationsWanted = 0;
  private rowsSinceHydration = 0;
  private sentSelection: number | null = null;

  /** @param onCommand does a command of the palette or the editor title */
  constructor(state: TimelineState, host: MessageConnection, onCommand: (command: ViewCommand) => void) {
    this.state = state;
    this.host = host;
    host.onNotification(RowsDidAppendNotification, (params) => this.append(params));
    host.onNotification(SessionDidChangeNotification, ({ view }) => this.sessionChanged(view));
    host.onNotification(ViewCommandNotification, ({ command }) => onCommand(command));
    state.subscribe((change) => {
      if (change === 'selection') {
        this.sendSelection();
      }
    });
  }

  /** Starts listening, and asks for everything now and whenever the page is shown again. */
  start(): void {
    this.host.listen();
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) {
        void this.hydrate();
      }
    });
    void this.hydrate();
  }

  /** Replaces the page's data by the host's; once more if it was asked for meanwhile. */
  async hydrate(): Promise<void> {
    this.hydrationsWanted++;
    if (this.isHydrating) {
      return;
    }
    this.isHydrating = true;
    try {
      for (let done = 0; done !== this.hydrationsWanted;) {
        done = this.hydrationsWanted;
        this.state.hydrate(await this.host.sendRequest(HydrateRequest, null));
      }
      this.rowsSinceHydration = 0;
      this.state.setLoadError(null);
    } catch (error) {
      this.state.setLoadError(messageOf(error));
    } finally {
      this.isHydrating = false;
    }
    this.sendSelection();
  }

  private append({ sessionId, batch, nowNs }: RowsDidAppendParams): void {
    // Rows that come while a snapshot is awaited are in that snapshot.
    if (this.isHydrating || sessionId !== this.state.view?.session.sessionId) {
      return;
    }
    const before = this.state.trace.rows.count;
    const outcome = this.state.append(batch, nowNs);
    this.rowsSinceHydration += this.state.trace.rows.count - before;
    if (outcome === 'gap' || this.rowsSinceHydration > rowsBeforeRenewal) {
      void this.hydrate();
    }
  }

  private sessionChanged(view: SessionViewDto | null): void {
    if (this.isHydrating) {
      this.hydrationsWanted++;
    } else {
      this.state.setView(view);
    }
  }

  private sendSelection(): void {
    const faultId = this.state.selectedId;
    if (faultId !== this.sentSelection) {
      this.sentSelection = faultId;
      void this.host.sendNotification(SelectionDidChangeNotification, { faultId });
    }
  }

  resolve(faultIds: readonly number[], plan: ResolvePlan): Promise<void> {
    return this.act(faultIds, (sessionId) =>
      this.host.sendRequest(PageResolveRequest, { sessionId, faultIds, ...plan }),
    );
  }

  wake(faultIds: readonly number[]): Promise<void> {
    return this.act(faultIds, (sessionId) => this.host.sendRequest(PageWakeRequest, { sessionId, faultIds }));
  }

  /** One request at a time; an answer that comes when another session has begun is dropped. */
  private async act(
    faultIds: readonly number[],
    request: (sessionId: number) => Promise<readonly IoctlResultDto[]>,
  ): Promise<void> {
    const { state } = this;
    const { sessionKey } = state;
    const sessionId = state.view?.session.sessionId;
    if (state.isActing || sessionId === undefined) {
      return;
    }
    state.setActing(true);
    const answers = await request(sessionId).then(
      (results) =>
        faultIds.map((id) => ({ id, results: results.filter((r) => r.faultId === id), refusal: null })),
      (error: unknown) => faultIds.map((id) => ({ id, results: [], refusal: messageOf(error) })),
    );
    if (state.sessionKey !== sessionKey) {
      return;
    }
    for (const { id, ...answer } of answers) {
      state.addAnswer(id, answer);
    }
    state.setActing(false);
  }

  askAttach(): void {
    void this.host.sendNotification(AttachAskedNotification);
  }

  askDemo(): void {
    void this.host.sendNotification(DemoAskedNotification);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
