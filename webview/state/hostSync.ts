/**
 * Keeps the page's state and the host's in step. The host is the source of truth: the page
 * asks for everything when it loads and whenever it is shown again, and takes rows as they come.
 */
import type { MessageConnection } from 'vscode-jsonrpc/browser';
import type { Hex } from '../../native-helper/protocol/conventions.ts';
import type { BytesDto, PageSourceDto } from '../../native-helper/protocol/files.ts';
import type { PagesDto } from '../../native-helper/protocol/ioctls.ts';
import type { PreflightDto } from '../../native-helper/protocol/preflight.ts';
import {
  AttachAskedNotification,
  ChooseFileRequest,
  type ChosenFileDto,
  DemoAskedNotification,
  type HydrateDto,
  HydrateRequest,
  LeaveAskedNotification,
  PagePreflightRequest,
  PagePreviewRequest,
  PageReadMemoryRequest,
  RecordingAskedNotification,
  RowsDidAppendNotification,
  type RowsDidAppendParams,
  RowsTakenNotification,
  RuleAskedNotification,
  SelectionDidChangeNotification,
  SessionChosenNotification,
  SessionDidChangeNotification,
  type SessionsDto,
  SessionsDidChangeNotification,
  type SessionViewDto,
  type ViewCommand,
  FaultShowNotification,
  type LaneDto,
  ViewCommandNotification,
} from '../protocol.ts';
import { nothingSelected } from '../model/selection.ts';
import { FaultActions } from './faultActions.ts';
import { RowQueue } from './rowQueue.ts';
import { type TimelineState } from './timelineState.ts';

export class HostSync {
  readonly actions: FaultActions;
  private readonly state: TimelineState;
  private readonly host: MessageConnection;
  private isHydrating = false;
  private hydrationsWanted = 0;
  private readonly incoming: RowQueue;
  /** The current session that the host and the page last told each other. */
  private agreedId: number | null = null;
  /** The one the page has told the host; null once the host has said so too. */
  private awaitedId: number | null = null;
  private sentIds = nothingSelected.ids;
  private sentPrimary: number | null = null;

  /** @param onCommand does a command of the palette or the editor title */
  constructor(
    state: TimelineState,
    host: MessageConnection,
    onCommand: (command: ViewCommand, lane?: LaneDto) => void,
  ) {
    this.state = state;
    this.host = host;
    this.actions = new FaultActions(state, host);
    this.incoming = new RowQueue(
      (rows) => this.append(rows),
      (sessionIds) => this.sendTaken(sessionIds),
    );
    host.onNotification(RowsDidAppendNotification, (params) => this.incoming.add(params));
    host.onNotification(SessionsDidChangeNotification, (sessions) => this.sessionsChanged(sessions));
    host.onNotification(SessionDidChangeNotification, ({ view }) => this.sessionChanged(view));
    host.onNotification(FaultShowNotification, ({ sessionId, faultId }) =>
      state.showFault(sessionId, faultId),
    );
    host.onNotification(ViewCommandNotification, ({ command, lane }) => onCommand(command, lane));
    state.subscribe((change) => {
      if (change === 'session') {
        this.sendCurrent();
      } else if (change === 'selection') {
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
        const snapshot = await this.host.sendRequest(HydrateRequest, null);
        const ids = snapshot.sessions.map(({ view }) => view.session.sessionId);
        // Rows sent before it are in it.
        this.incoming.clear();
        this.state.hydrate({ ...snapshot, currentId: this.agreedCurrent(snapshot, ids) });
        this.sendTaken(ids);
      }
      this.state.setLoadError(null);
    } catch (error) {
      this.state.setLoadError(messageOf(error));
    } finally {
      this.isHydrating = false;
    }
    this.sendSelection();
  }

  private append(rows: RowsDidAppendParams): void {
    // Rows that come while a snapshot is awaited are in that snapshot.
    if (!this.isHydrating && this.state.append(rows) === 'gap') {
      void this.hydrate();
    }
  }

  /** Tells the host what has been taken up, so that it sends more. */
  private sendTaken(sessionIds: Iterable<number>): void {
    for (const sessionId of sessionIds) {
      const sequence = this.state.sessions.find(({ id }) => id === sessionId)?.trace.lastSequence ?? 0;
      if (sequence > 0) {
        void this.host.sendNotification(RowsTakenNotification, { sessionId, sequence });
      }
    }
  }

  private sessionsChanged(sessions: SessionsDto<SessionViewDto>): void {
    if (this.isHydrating) {
      this.hydrationsWanted++;
      return;
    }
    const ids = sessions.sessions.map(({ session }) => session.sessionId);
    if (!this.state.setSessions({ ...sessions, currentId: this.agreedCurrent(sessions, ids) })) {
      void this.hydrate();
    }
  }

  private sessionChanged(view: SessionViewDto): void {
    if (this.isHydrating) {
      this.hydrationsWanted++;
    } else {
      this.state.setView(view);
    }
  }

  /** The current session as the host says; what it said before it heard of the page's choice is out of date. */
  private agreedCurrent({ currentId }: Pick<HydrateDto, 'currentId'>, ids: readonly number[]): number | null {
    const { awaitedId } = this;
    if (awaitedId !== null && awaitedId !== currentId && ids.includes(awaitedId)) {
      return awaitedId;
    }
    this.awaitedId = null;
    this.agreedId = currentId;
    return currentId;
  }

  private sendCurrent(): void {
    const id = this.state.current?.id ?? null;
    if (id !== null && id !== this.agreedId) {
      this.agreedId = id;
      this.awaitedId = id;
      void this.host.sendNotification(SessionChosenNotification, { sessionId: id });
    }
  }

  private sendSelection(): void {
    const { current, selectedId: faultId, selectedIds: faultIds } = this.state;
    if (current !== null && (faultId !== this.sentPrimary || faultIds !== this.sentIds)) {
      this.sentPrimary = faultId;
      this.sentIds = faultIds;
      const selection = { sessionId: current.id, faultId, faultIds };
      void this.host.sendNotification(SelectionDidChangeNotification, selection);
    }
  }

  /** Asks to detach from a session, or to close it when it is over. */
  askLeave(sessionId: number): void {
    void this.host.sendNotification(LeaveAskedNotification, { sessionId });
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
    void this.host.sendNotification(RuleAskedNotification, { sessionId: this.sessionId(), faultId });
  }

  private sessionId(): number {
    const sessionId = this.state.current?.id;
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

  askRecording(): void {
    void this.host.sendNotification(RecordingAskedNotification);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
