/**
 * What other extensions get from `activate()`: to see the sessions that
 * `uffd.attachToProcess` and forks began, and what Inspect shows, so that a launcher or a test can follow them.
 */
import type { RangeDto } from '../native-helper/protocol/ranges.ts';
import type { MapChangeDto } from '../native-helper/protocol/session.ts';
import type { InspectNode } from './inspect/nodes/inspectNode.ts';
import type { InspectView } from './inspect/inspectView.ts';
import type { DebugSession } from './session/debugSession.ts';
import { isHeld, isResolvedButSleeping } from './session/faultTrace.ts';
import type { SessionRegistry, SessionState } from './session/sessionRegistry.ts';

export interface ApiFault {
  readonly id: number;
  /** Fault address, hex. */
  readonly address: string;
  readonly tid: number;
}

export interface ApiSession {
  /** Unique in this window. */
  readonly id: number;
  readonly state: Exclude<SessionState, 'none'>;
  /** 0 when it is not known: a forked child that could not be found. */
  readonly pid: number;
  readonly fd: number;
  /** A forked child's, which cannot be handed back. */
  readonly isCustody: boolean;
  readonly ranges: readonly RangeDto[];
  /** Set while the memory map is changing. */
  readonly mapChange: MapChangeDto | null;
  /** Hits of each rule since the rules were set, in the order of the rules. */
  readonly ruleHits: readonly number[];
  /** One sentence once the session is over. */
  readonly endText: string | null;
  /** Read and unresolved: their threads sleep until someone acts. */
  readonly heldFaults: readonly ApiFault[];
  /** Resolved with DONTWAKE: their threads sleep until they are woken. */
  readonly sleepingFaults: readonly ApiFault[];
}

/** A row of the Inspect view, with what it says in full. */
export interface ApiInspectRow {
  /** The argument of the commands of Inspect; stays the same from one look to the next. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly children: readonly ApiInspectRow[];
}

export interface UffdApi {
  /** The current session, as of now; undefined when there is none. */
  readonly session: ApiSession | undefined;
  /** All sessions of the window, oldest first. */
  readonly sessions: readonly ApiSession[];
  /** Makes another session the current one, unless it is forgotten by now. */
  readonly showSession: (id: number) => void;
  /** The Inspect view as of its last look. */
  readonly inspectRows: readonly ApiInspectRow[];
  /** A session began, got rows, changed or ended, or another one is shown. */
  readonly onDidChangeSession: (listener: () => void) => { dispose(): void };
}

export function createApi(registry: SessionRegistry, inspectView: InspectView): UffdApi {
  return {
    get session() {
      return registry.current === null ? undefined : apiSession(registry.current);
    },
    get sessions() {
      return registry.sessions.map(apiSession);
    },
    get inspectRows() {
      return inspectView.rows.map(apiRow);
    },
    showSession: (id) => {
      const session = registry.sessions.find((candidate) => candidate.id === id);
      if (session !== undefined) {
        registry.show(session);
      }
    },
    onDidChangeSession: (listener) => {
      const subscriptions = [
        registry.onDidChange(() => listener()),
        registry.onDidAppendRows(() => listener()),
      ];
      return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
    },
  };
}

function apiRow({ id, label, description, children }: InspectNode): ApiInspectRow {
  return { id, label, description, children: children.map(apiRow) };
}

function apiSession({ id, dto, end, ranges, mapChange, ruleHits, trace }: DebugSession): ApiSession {
  const open = trace.openFaults();
  const inWords = (fault: (typeof open)[number]): ApiFault => ({
    id: fault.id,
    address: `0x${fault.address.toString(16)}`,
    tid: fault.tid,
  });
  return {
    id,
    state: end === null ? 'attached' : 'ended',
    pid: dto.pid,
    fd: dto.uffd.fd,
    isCustody: dto.isCustody,
    ranges,
    mapChange,
    ruleHits,
    endText: end?.text ?? null,
    heldFaults: open.filter(isHeld).map(inWords),
    sleepingFaults: open.filter(isResolvedButSleeping).map(inWords),
  };
}
