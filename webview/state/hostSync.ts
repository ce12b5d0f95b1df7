/**
 * Keeps the page's state and the host's in step. The host is the source of truth: the page
 * asks for everything when it loads and whenever it is shown again, and takes rows as they come.
 */
import type { MessageConnection } from 'vscode-jsonrpc/browser';
import {
  type BytesDto,
  type Hex,
  type PagesDto,
  type PageSourceDto,
  type PreflightDto,
} from '../../native-helper/protocol.ts';
import {
  AttachAskedNotification,
  ChooseFileRequest,
  type ChosenFileDto,
  DemoAskedNotification,
  HydrateRequest,
  PagePreflightRequest,
  PagePreviewRequest,
  PageReadMemoryRequest,
  RowsDidAppendNotification,
  type RowsDidAppendParams,
  RuleAskedNotification,
  SelectionDidChangeNotification,
  SessionChosenNotification,
  SessionDidChangeNotification,
  type SessionViewDto,
  type ViewCommand,
  ViewCommandNotification,
} from '../protocol.ts';
import { nothingSelected } from '../model/selection.ts';
import { FaultActions } from './faultActions.ts';
import { type TimelineState } from './timelineState.ts';

/** Rows appended after which the page starts anew from the host's bounded history. */
const rowsBeforeRenewal = 1_000_000;

export class HostSync {
  readonly actions: FaultActions;
  private readonly state: TimelineState;
  private readonly host: MessageConnection;
  private isHydrating = false;
  private hydrationsWanted = 0;
  private rowsSinceHydration = 0;
  private sentIds = nothingSelected.ids;
  private sentPrimary: number | null = null;

  /** @param onCommand does a command of the palette or the editor title */
  constructor(state: TimelineState, host: MessageConnection, onCommand: (command: ViewCommand) => void) {
    this.state = state;
    this.host = host;
    this.actions = new FaultActions(state, host);
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
      return;
    }
    const shownId = this.state.view?.session.sessionId;
    this.state.setView(view);
    if (view !== null && view.session.sessionId !== shownId) {
      // Another session was chosen, and only the host knows its history.
      void this.hydrate();
    }
  }

  private sendSelection(): void {
    const { selectedId: faultId, selectedIds: faultIds } = this.state;
    if (faultId !== this.sentPrimary || faultIds !== this.sentIds) {
      this.sentPrimary = faultId;
      this.sentIds = faultIds;
      void this.host.sendNotification(SelectionDidChangeNotification, { faultId, faultIds });
    }
  }

  /** Asks for another session to be shown. */
  choose(sessionId: number): void {
    void this.host.sendNotification(SessionChosenNotification, { sessionId });
  }

  /** What can be done with these pages, and why other things cannot. */
  preflight(what: PagesDto): Promise<PreflightDto> {
    return this.host.sendRequest(PagePreflightRequest, { sessionId: this.sessionId(), what });
  }

  /** The bytes that a source would give to this place. */
  preview(source: PageSourceDto, address: Hex, lengthBytes: number): Promise<BytesDto> {
    const params = { sessionId: this.sessionId(), source, address, lengthBytes };
    return this.host.sendRequest(PagePreviewRequest, params);
  }

  /** The target's memory as it is. */
  readMemory(address: Hex, lengthBytes: number): Promise<BytesDto> {
    return this.host.sendRequest(PageReadMemoryRequest, {
      sessionId: this.sessionId(),
      address,
      lengthBytes,
    });
  }

  /** Lets the user choose a file; null when none was chosen. */
  chooseFile(): Promise<ChosenFileDto | null> {
    return this.host.sendRequest(ChooseFileRequest);
  }

  /** Asks for a rule for faults like this one. */
  askRule(faultId: number): void {
    void this.host.sendNotification(RuleAskedNotification, { faultId });
  }

  private sessionId(): number {
    const sessionId = this.state.view?.session.sessionId;
    if (sessionId === undefined) {
      throw new Error('No process is attached.');
    }
    return sessionId;
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
